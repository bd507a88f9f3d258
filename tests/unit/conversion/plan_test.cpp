#include "conversion/plan.h"

#include <gtest/gtest.h>

#include "config/conversions_file.h"

namespace sluice::conversion {
namespace {

using Kind = TableAnswer::Kind;

class PlanTest : public testing::Test {
protected:
    PlanTest() {
        message_.in_channel = "tcp_local";
        message_.out_channel = "l";
        message_.tags = {"vip", "Lists"};
        part_.number = "2.1";
        part_.subject = "Hello";
        part_.labels.type = "application";
        part_.labels.subtype = "msword";
        part_.labels.type_parameters = {{"name", "a.doc"}, {"x-mac-type", "W8BN"}};
        part_.labels.disposition = "attachment";
        part_.labels.disposition_parameters = {{"filename", "b.doc"}};
    }
    PartPlan plan(const std::string& text) {
        Diagnostics diagnostics;
        entries_ = config::parse_conversions(text, "conversions", diagnostics);
        for (const auto& finding : diagnostics.items()) ADD_FAILURE() << finding.to_string();
        return plan_part(
            entries_, message_, part_,
            [](const std::string&, const std::string& argument) {
                if (argument == "later") return TableAnswer{Kind::not_now, {}};
                return argument == "msword" ? TableAnswer{Kind::value, "Word document"}
                                            : TableAnswer{Kind::none, {}};
            }
        );
    }
    bool matches(const std::string& clauses) {
        const bool matched = plan(clauses + "; delete=1\n").entry != nullptr;
        return matched;
    }

    MessageFacts message_;
    PartFacts part_;
    Entries entries_;
};

TEST_F(PlanTest, EveryMatchClauseMustHold) {
    for (const char* clauses :
         {"in-chan=tcp_*", "in-channel=tcp_local; out-channel=L", "in-type=application",
          "in-subtype=ms%ord", "in-type=*", "in-disposition=attachment", "in-subject=hell*",
          "part-number=2.*", "tag=lists", "in-description=", "in-a1-format=*",
          "in-parameter-name-0=NAME; in-parameter-value-0=*.doc", "in-parameter-name-0=x-mac-type",
          "in-parameter-name-0=charset; in-parameter-default-0=us-ascii",
          "in-dparameter-name-5=filename; in-dparameter-value-5=b*"})
        EXPECT_TRUE(matches(clauses)) << clauses;
    for (const char* clauses :
         {"in-chan=conversion", "out-chan=tcp_local", "in-type=text", "in-type=applicatio",
          "part-number=2", "tag=v", "in-description=%*", "in-a1-type=a",
          "in-parameter-name-0=charset", "in-parameter-name-0=name; in-parameter-value-0=*.xls",
          "in-parameter-name-0=charset; in-parameter-value-0=utf-8; in-parameter-default-0=ascii",
          "in-type=application; in-subtype=pdf", "in-dparameter-name-0=name"})
        EXPECT_FALSE(matches(clauses)) << clauses;
}

TEST_F(PlanTest, PatternsMayHaveSymbolsWhichAreNoWildcards) {
    part_.labels.type_parameters = {{"name", "b*.doc"}};
    part_.labels.disposition_parameters = {{"filename", "b*.doc"}};
    const std::string same = "parameter-symbol-1=NAME; in-dparameter-name-0=filename;";
    EXPECT_TRUE(matches(same + " in-dparameter-value-0='NAME'"));
    EXPECT_TRUE(matches(same + " in-dparameter-value-0=\"'NAME'*\""));
    part_.labels.disposition_parameters = {{"filename", "big.doc"}};
    EXPECT_FALSE(matches(same + " in-dparameter-value-0='NAME'"));
    part_.subject = "it's";
    EXPECT_TRUE(matches("in-subject=\"it's\""));
    part_.subject = "'NAME'";
    EXPECT_TRUE(matches("in-subject=\"\\\\'NAME\\\\'\""));
    EXPECT_TRUE(matches("in-subject=\"'TABLE:msword'\"") == false);
}

TEST_F(PlanTest, ServicesAndRelabelsAreFoundAlone) {
    Diagnostics diagnostics;
    entries_ = config::parse_conversions(
        "in-type=text; service-command=a\nin-type=application; command=x\n"
        "in-type=application; out-subtype=pdf; relabel=1\nin-subtype=msword; service-command=b\n",
        "conversions", diagnostics
    );
    std::vector<Tried> tried;
    const Entry* service = find_service(entries_, message_, part_, tried);
    ASSERT_NE(service, nullptr);
    EXPECT_EQ(service->service_command, "b");
    EXPECT_EQ(tried.size(), 2U);
    const auto no_table = [](const std::string&, const std::string&) { return TableAnswer{}; };
    const PartPlan relabelled = plan_relabels(entries_, message_, part_, no_table);
    EXPECT_TRUE(relabelled.relabeled);
    EXPECT_EQ(relabelled.after.subtype, "pdf");
    EXPECT_EQ(relabelled.entry, nullptr);
}

TEST_F(PlanTest, FirstEntryIsUsedAndTheOthersSayWhyNot) {
    const PartPlan result = plan(
        "in-type=image; delete=1\n"
        "in-parameter-name-0=charset; delete=1\n"
        "in-type=application; command=\"run\"\n"
        "in-type=*; delete=1\n"
    );
    ASSERT_NE(result.entry, nullptr);
    EXPECT_EQ(result.entry->where.line, 3U);
    ASSERT_EQ(result.tried.size(), 3U);
    EXPECT_EQ(result.tried[0].text, "IN-TYPE=image does not match \"application\"");
    EXPECT_EQ(result.tried[1].text, "parameter charset is missing");
    EXPECT_TRUE(result.tried[2].matched);
}

TEST_F(PlanTest, RelabelGoesOnWithTheNewLabels) {
    const PartPlan result = plan(
        "in-type=application; in-subtype=msword; out-subtype=x-word; relabel=1\n"
        "in-subtype=msword; delete=1\n"
        "in-subtype=x-word; command=\"run 'INPUT_SUBTYPE'\"\n"
    );
    ASSERT_NE(result.entry, nullptr);
    EXPECT_EQ(result.entry->where.line, 3U);
    EXPECT_TRUE(result.relabeled);
    EXPECT_EQ(result.symbols.at("INPUT_SUBTYPE"), "x-word");
    EXPECT_EQ(result.after.subtype, "x-word");
}

TEST_F(PlanTest, ParametersGoWithTheTypeUnlessTheyAreCopied) {
    EXPECT_EQ(plan("out-type=text; out-subtype=html\n").after.type_parameters.size(), 0U);
    EXPECT_EQ(plan("out-type=Application; out-subtype=MSWORD\n").after.type_parameters.size(), 2U);
    const PartPlan copied = plan(
        "out-type=text; parameter-copy-0=na*; out-parameter-name-0=charset;\n"
        "out-parameter-value-0=utf-8; dparameter-copy-0=none; out-disposition=inline\n"
    );
    ASSERT_EQ(copied.after.type_parameters.size(), 2U);
    EXPECT_EQ(copied.after.type_parameters[0].name, "name");
    EXPECT_EQ(copied.after.type_parameters[1].value, "utf-8");
    EXPECT_TRUE(copied.after.disposition_parameters.empty());
    EXPECT_EQ(copied.after.disposition, "inline");
}

TEST_F(PlanTest, ValuesComeFromTables) {
    const PartPlan result = plan(
        "out-parameter-name-0=name;\n"
        "out-parameter-value-0=\"'X-ATT-NAMES:\\\\'INPUT_SUBTYPE\\\\''\";\n"
        "out-description=\"'X-ATT-NAMES:nothing'\"\n"
    );
    EXPECT_EQ(message::parameter_value(result.after.type_parameters, "name"), "Word document");
    EXPECT_EQ(result.after.description, "");
    EXPECT_FALSE(result.not_now);
    EXPECT_TRUE(plan("out-description=\"'X-T:later'\"\n").not_now);
}

TEST_F(PlanTest, SymbolsOfParameters) {
    part_.labels.type_parameters[0].value = "a\nb`rm`";
    const PartPlan result = plan(
        "in-parameter-name-1=charset; in-parameter-default-1=us-ascii; parameter-symbol-1=CS;\n"
        "parameter-symbol-0=NAME; dparameter-symbol-0=filename; parameter-symbol-2=missing;\n"
        "command=c\n"
    );
    EXPECT_EQ(result.symbols.at("CS"), "us-ascii");
    EXPECT_EQ(result.symbols.at("NAME"), "a b`rm`");
    EXPECT_EQ(result.symbols.at("filename"), "b.doc");
    EXPECT_EQ(result.symbols.at("missing"), "");
    EXPECT_EQ(result.symbols.at("CONVERSION_TAG"), "vip,Lists");
    EXPECT_EQ(result.symbols.at("PART_NUMBER"), "2.1");
    EXPECT_EQ(result.symbols.at("ATTACHMENT_NUMBER"), "2.1");
}

}  // namespace
}  // namespace sluice::conversion
