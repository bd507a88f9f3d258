#include "rewrite/template.h"

#include <gtest/gtest.h>

#include <string>
#include <tao/pegtl/contrib/analyze.hpp>

#include "grammar/rewrite_template.h"

namespace sluice::rewrite {
namespace {

TEST(TemplateGrammar, HasNoLoopsWithoutProgress) {
    EXPECT_EQ(tao::pegtl::analyze<grammar::rewrite_template::template_>(), 0U);
}

std::string problem_of(std::string_view text) {
    const auto parsed = parse_template(text);
    if (parsed.problem) return parsed.problem->code + '@' + std::to_string(parsed.problem->offset);
    const auto form = check_form(parsed.value);
    return form ? form->code + '@' + std::to_string(form->offset) : "";
}

struct Row {
    const char* name;
    const char* text;
    const char* expected;
};

class BadTemplate : public testing::TestWithParam<Row> {};

TEST_P(BadTemplate, IsReportedWhereItGoesWrong) {
    EXPECT_EQ(problem_of(GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    BadTemplate,
    testing::Values(
        Row{"NoSeparator", "$U", "E202@0"},
        Row{"TwoPercents", "$U%a%b@c", "E202@4"},
        Row{"PercentAfterAt", "$U@a%b", "E202@4"},
        Row{"FourAts", "a@b@c@d@e", "E202@7"},
        Row{"PercentAndThreeAts", "a%b@c@d@e", "E202@7"},
        Row{"EscapedSeparatorsOnly", "$U$%x$@y", "E202@0"},
        Row{"UnknownLetter", "$U%$J@x", "E203@3"},
        Row{"DollarAtEnd", "$U%$D@x$", "E203@7"},
        Row{"NumberAtEnd", "$U%$D@x$12", "E203@7"},
        Row{"FieldWithoutDigit", "$U%$&x@y", "E203@3"},
        Row{"NumberOfLocalPart", "$2U%$D@x", "E203@0"},
        Row{"NumberOfCondition", "$7E$U%$D@x", "E203@0"},
        Row{"NumberOfSource", "$U%$D@x$2Mtcp", "E203@7"},
        Row{"CheckWithoutNumber", "$U%$D@x$~", "E203@7"},
        Row{"StatusOfSuccess", "$U%$D@x$2001005?text", "E203@7"},
        Row{"NumberTooLarge", "$U%$99999999999999999999D@x", "E203@3"},
        Row{"UnclosedMapping", "$U%${MAP,$U@x", "E204@3"},
        Row{"MappingWithoutComma", "$U%${MAP}@x", "E203@3"},
        Row{"UnclosedMappingName", "$U%${MAP", "E204@3"},
        Row{"UnclosedGeneral", "$($H", "E204@0"},
        Row{"UnclosedRoutine", "$U%$[image,routine,$U@x", "E204@3"},
        Row{"UnclosedLdap", "$U%$]ldap:///x@y", "E204@3"},
        Row{"UnclosedFallback", "$.abc@x", "E204@0"},
        Row{"ControlInCallOut", "$U%$($E)@x", "E203@5"},
        Row{"UnknownInErrorText", "$?text $J", "E203@7"}
    ),
    [](const auto& row) { return row.param.name; }
);

class GoodTemplate : public testing::TestWithParam<const char*> {};

TEST_P(GoodTemplate, IsAccepted) {
    EXPECT_EQ(problem_of(GetParam()), "");
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    GoodTemplate,
    testing::Values(
        "$U%$D@x",
        "$U@x",
        "$U%$D",
        "a@b@c",
        "a@b@c@d",
        "a%b@c@d",
        "$?text with a@b and 50%",
        "$5001006?gone",
        "$($H)",
        "${MAP,$U}",
        "$U$%x%$D@y",
        "$u%$d@x$mtcp_local$1M$1~-y",
        "$1U$0U%$3H$2D@x",
        "$U%$&0$!1$*2$#3@x",
        "$\\$U$^$_$=%$W@x",
        "$3A$U%$D@x$0X",
        "$U%$D@$]ldap:///o=x?a?sub?(m=$=$U$_ $0A $1X)[",
        "$[img,fn,$U$]]%$D@x",
        "$.later@x$%y.$U%$D@$]ldap:///[",
        "$..$U%$D@x",
        "$U%$H$V$H@x$Z$D"
    )
);

std::string describe(const Template& parsed) {
    std::string out;
    for (const auto& token : parsed.tokens) {
        out += '[' + std::to_string(static_cast<int>(token.kind)) + ' ' +
               parsed.text.substr(token.begin, token.end - token.begin) + ']';
    }
    return out;
}

std::string pieces(std::string_view text) {
    std::string out;
    const auto parsed = parse_template(text);
    for (const auto& token : parsed.value.tokens) {
        if (!out.empty()) out += ' ';
        out += parsed.value.text.substr(token.begin, token.end - token.begin);
    }
    return out;
}

TEST(Template, TokensCoverItsText) {
    EXPECT_EQ(pieces("$E$0U%x$1D@y"), "$E $0U % x $1D @ y");
    EXPECT_EQ(pieces("a${MAP,$U}b$(x$)y)"), "a ${MAP,$U} b $(x$)y)");
    EXPECT_EQ(pieces("$4001002?try later@x"), "$4001002? try later@x");
    EXPECT_EQ(pieces("a@b$?not here@c"), "a @ b $? not here @ c");
}

TEST(Template, ReadsBothLetterCases) {
    EXPECT_EQ(
        describe(parse_template("$u%$d@$h").value).size(),
        describe(parse_template("$U%$D@$H").value).size()
    );
    EXPECT_EQ(parse_template("$u").value.tokens.at(0).kind, TokenKind::local_part);
    EXPECT_EQ(parse_template("$0u").value.tokens.at(0).kind, TokenKind::user);
    EXPECT_EQ(parse_template("$1m").value.tokens.at(0).kind, TokenKind::reprocessing);
}

TEST(Template, TakesCallOutsApart) {
    const auto parsed = parse_template("$[image,routine,a$U$]b]");
    ASSERT_FALSE(parsed.problem);
    const Token& call = parsed.value.tokens.at(0);
    EXPECT_EQ(call.kind, TokenKind::site_routine);
    EXPECT_EQ(call.text, "image");
    EXPECT_EQ(call.routine, "routine");
    ASSERT_EQ(call.body.size(), 4U);
    EXPECT_EQ(call.body[1].kind, TokenKind::local_part);
    EXPECT_EQ(call.body[2].text, "]");
}

TEST(Template, TreatsLocationLettersAsSubstitutionsInUrls) {
    const auto parsed = parse_template("$]$A$X[");
    ASSERT_FALSE(parsed.problem);
    const auto& body = parsed.value.tokens.at(0).body;
    EXPECT_EQ(body.at(0).kind, TokenKind::whole_address);
    EXPECT_EQ(body.at(1).kind, TokenKind::host_part);
    EXPECT_TRUE(parse_template("$($A)").problem);
}

TEST(Template, KnowsConstantRoutingSystems) {
    const auto system = [](std::string_view text) {
        const auto found = constant_routing_system(parse_template(text).value);
        return found ? found->name + '@' + std::to_string(found->offset) : "-";
    };
    EXPECT_EQ(system("$U%$D@x-daemon"), "x-daemon@6");
    EXPECT_EQ(system("$U@x-daemon$Mtcp_local$E"), "x-daemon@3");
    EXPECT_EQ(system("$U%$D@$Ex-$$daemon$Tvip|"), "x-$daemon@8");
    EXPECT_EQ(system("a@b@c@d"), "d@6");
    EXPECT_EQ(system("$U%$D"), "-");
    EXPECT_EQ(system("$U%$D@$H"), "-");
    EXPECT_EQ(system("$U%$D@x$H"), "-");
    EXPECT_EQ(system("$U%$D@x$?why"), "-");
    EXPECT_EQ(system("$U%$D@x${A,b}"), "-");
    EXPECT_EQ(system("$U%$D@x$Ma$1~-y"), "-");
    EXPECT_EQ(system("$?why"), "-");
}

TEST(Template, KnowsWhetherItCanFail) {
    const auto fails = [](std::string_view text) { return can_fail(parse_template(text).value); };
    EXPECT_FALSE(fails("$U%$H$D@x"));
    EXPECT_FALSE(fails("$U%$0D$L@x$Tvip|$?why$W"));
    EXPECT_FALSE(fails("$?why $E ${A,b} $&0"));
    for (const char* text :
         {"$A", "$B", "$C", "$E",   "$F",     "$M",       "$1M",  "$N",  "$P",  "$Q",  "$R", "$S",
          "$V", "$X", "$Z", "$(x)", "${t,x}", "$[i,r,x]", "$]x[", "$&0", "$!0", "$*0", "$#0"}) {
        EXPECT_TRUE(fails(std::string("a%b@c") + text)) << text;
    }
}

}  // namespace
}  // namespace sluice::rewrite
