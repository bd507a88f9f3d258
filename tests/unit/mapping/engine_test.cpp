#include "mapping/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "mapping/limits.h"
#include "support/mapping_examples.h"

namespace sluice::mapping {
namespace {

/// Answers by a function of the question, and remembers what was asked.
class Scripted final : public Answers {
public:
    explicit Scripted(std::function<Answer(const Question&)> script) : script_(std::move(script)) {}
    Answer ask(const Question& question) override {
        asked.push_back(question.to_debug_string());
        return script_(question);
    }
    std::vector<std::string> asked;

private:
    std::function<Answer(const Question&)> script_;
};

std::string result_of(
    const std::string& entries, std::string_view input, Answers& answers, Trace* trace = nullptr
) {
    const TableSet tables = test::load_text("T\n\n" + entries);
    return probe(tables, "T", input, {}, answers, trace).to_debug_string();
}

std::string result_of(const std::string& entries, std::string_view input) {
    NoAnswers nothing;
    return result_of(entries, input, nothing);
}

TEST(Engine, TemplateControlsKeepTheirMeaningWithACount) {
    EXPECT_EQ(result_of("  a  b$+1Cc\n  b  d$Y\n", "a"), "match=yes flags=Y output=d");
    EXPECT_EQ(result_of("  a  b$+Cc\n", "a"), "match=yes flags=+ output=bCc");
    EXPECT_EQ(result_of("  a  b$+12\n", "a"), "match=yes flags=+ output=b12");
}

TEST(Engine, SecondPassOfLoopIsGrantedOnlyOnce) {
    EXPECT_EQ(result_of("  *  $0x$L\n", "a"), "match=yes flags=- output=a" + std::string(11, 'x'));
}

TEST(Engine, ShrinkingAndGrowingInTurnComesToAnEnd) {
    const TableSet tables = test::load_text("T\n\n  aa  b$R\n  b   aa$R\n");
    NoAnswers nothing;
    const auto outcome = probe(tables, "T", "aa", {}, nothing);
    EXPECT_TRUE(outcome.matched);
    ASSERT_EQ(outcome.warnings.size(), 1U);
    EXPECT_NE(outcome.warnings[0].find("table T runs in a circle"), std::string::npos);
}

TEST(Engine, TablesThatCallThemselvesManyTimesComeToAnEnd) {
    std::string entries;
    for (int i = 0; i < 20; ++i) entries += "  *  $C$|T;$0|$Y$E\n";
    const TableSet tables = test::load_text("T\n\n" + entries);
    NoAnswers nothing;
    const auto outcome = probe(tables, "T", "x", {}, nothing);
    EXPECT_FALSE(outcome.matched);
    EXPECT_FALSE(outcome.warnings.empty());
}

TEST(Engine, OutputHasACeiling) {
    std::string entries;
    for (int i = 0; i < 20; ++i) entries += "  *  $0$0$C\n";
    const TableSet tables = test::load_text("T\n\n" + entries);
    NoAnswers nothing;
    const auto outcome = probe(tables, "T", std::string(100, 'x'), {}, nothing);
    EXPECT_LE(outcome.output.size(), limits::output);
    EXPECT_TRUE(outcome.matched);
}

TEST(Engine, ComparisonThatTakesTooLongIsNoMatchAndTold) {
    std::string pattern = "*";
    for (int i = 0; i < 12; ++i) pattern += "*-*";
    const TableSet tables = test::load_text("T\n\n  " + pattern + "$0*%!%  a\n  *  b\n");
    NoAnswers nothing;
    const auto outcome = probe(tables, "T", std::string(300, '-') + '!', {}, nothing);
    EXPECT_EQ(outcome.output, "b");
    ASSERT_EQ(outcome.warnings.size(), 1U);
    EXPECT_THAT(outcome.warnings[0], testing::StartsWith("W_MATCH_LIMIT: "));
    EXPECT_THAT(outcome.warnings[0], testing::HasSubstr("table T, entry "));
}

TEST(Engine, CaseControlHoldsForWhatFollowsAndStartsAfreshInAnArgument) {
    EXPECT_EQ(
        result_of("  *  $\\Ab$0$^Cd$0$_Ef$0\n", "xY"), "match=yes flags=- output=abxyCDXYEfxY"
    );
    Scripted answers([](const Question& question) {
        return Answer::literal("<" + question.subject + ">");
    });
    EXPECT_EQ(result_of("  *  $\\A$]$0$^b[Z\n", "xY", answers), "match=yes flags=- output=a<xyb>z");
    EXPECT_EQ(answers.asked, std::vector<std::string>{"directory(xYB)"});
}

TEST(Engine, FilterQuotingEndsWithItsArgument) {
    Scripted answers([](const Question&) { return Answer::literal("v"); });
    EXPECT_EQ(result_of("  *  $](a=$=$0)[-$0\n", "*)", answers), "match=yes flags=- output=v-*)");
    EXPECT_EQ(answers.asked, std::vector<std::string>{"directory((a=\\2a\\29))"});
}

TEST(Engine, TestInsideAnArgumentFailsTheWholeTemplate) {
    EXPECT_EQ(result_of("  *  a$C$|X;$:A$0|b$Y\n", "x"), "match=no flags=- output=x");
}

TEST(Engine, ChanceIsDrawnOutside) {
    Scripted low([](const Question&) { return Answer::literal("24.9"); });
    EXPECT_EQ(result_of("  *  $?25?yes$Y\n", "x", low), "match=yes flags=Y output=yes");
    Scripted high([](const Question&) { return Answer::literal("25"); });
    EXPECT_EQ(result_of("  *  $?25?yes$Y\n", "x", high), "match=no flags=- output=x");
    EXPECT_EQ(high.asked, std::vector<std::string>{"chance()"});
    Scripted unused([](const Question&) { return Answer::literal("0"); });
    EXPECT_EQ(result_of("  *  $?100?$?0?yes$Y\n", "x", unused), "match=no flags=- output=x");
    EXPECT_TRUE(unused.asked.empty());
    EXPECT_EQ(result_of("  *  $?often?yes$Y\n", "x", low), "match=no flags=- output=x");
}

TEST(Engine, DirectoryAnswersAreLiteralAndTheirArgumentsQuoted) {
    Scripted directory([](const Question&) { return Answer::literal("a$Nb"); });
    EXPECT_EQ(
        result_of("  *  $]ldap:///o=x?mail?sub?(uid=$=$0)[$Y\n", "a*(b", directory),
        "match=yes flags=Y output=a$Nb"
    );
    EXPECT_EQ(
        directory.asked,
        std::vector<std::string>{"directory(ldap:///o=x?mail?sub?(uid=a\\2a\\28b))"}
    );
    EXPECT_EQ(
        result_of("  *@*  $\\$}$1,_BASE_dn_{$Y\n", "a@X.example", directory),
        "match=yes flags=Y output=a$nb"
    );
    EXPECT_EQ(directory.asked.back(), "domain_attribute(X.example,_BASE_dn_)");
}

TEST(Engine, FallbackTextStepsInForATemporaryFailureOnly) {
    const std::string entries = "  *  $X$.try$ later.$]ldap:///x[$Y\n";
    Scripted busy([](const Question&) { return Answer::temporary(); });
    EXPECT_EQ(result_of(entries, "x", busy), "match=yes flags=X output=try later");
    NoAnswers nothing;
    EXPECT_EQ(result_of(entries, "x", nothing), "match=no flags=X output=x");
    EXPECT_EQ(result_of("  *  $]ldap:///x[$Y\n", "x", busy), "match=no flags=- output=x");
}

TEST(Engine, TellsOfTemporaryFailures) {
    const TableSet tables = test::load_text("T\n\n  *  $C${$0}$Y$E\n  *  $N\n");
    Scripted busy([](const Question&) { return Answer::temporary(); });
    const auto outcome = probe(tables, "T", "x", {}, busy);
    EXPECT_TRUE(outcome.temporary_failure);
    EXPECT_EQ(outcome.to_debug_string(), "match=yes flags=N output=");
}

TEST(Engine, StopsAtAnAnswerThatIsNotThereYet) {
    const TableSet tables =
        test::load_text("T\n\n  *  $C$|X-INNER;$0|$Y$E\n  *  $N\n\nX-INNER\n\n  *  ${one}${two}$Y\n"
        );
    bool known = false;
    Scripted answers([&](const Question& question) {
        if (question.subject == "one") return Answer::literal("1");
        return known ? Answer::literal("2") : Answer::wait();
    });
    EXPECT_TRUE(probe(tables, "T", "x", {}, answers).pending);
    known = true;
    const auto outcome = probe(tables, "T", "x", {}, answers);
    EXPECT_EQ(outcome.to_debug_string(), "match=yes flags=Y output=12");
    const std::vector<std::string> asked = {
        "general_value(one)", "general_value(two)", "general_value(one)", "general_value(two)"};
    EXPECT_EQ(answers.asked, asked);
}

TEST(Engine, ValuesInsideValuesHaveALimit) {
    Scripted circle([](const Question&) { return Answer::literal("${again}"); });
    EXPECT_EQ(result_of("  *  ${start}$Y\n", "x", circle), "match=no flags=- output=x");
    EXPECT_EQ(circle.asked.size(), limits::nesting + 1);
}

TEST(Engine, ValueThatIsNoTemplateFails) {
    Scripted broken([](const Question&) { return Answer::literal("$[open"); });
    EXPECT_EQ(result_of("  *  ${key}$Y\n", "x", broken), "match=no flags=- output=x");
}

struct SequenceCase {
    const char* argument;
    const char* result;
};

class Sequences : public testing::TestWithParam<SequenceCase> {};

TEST_P(Sequences, AreWrittenAsAsked) {
    Scripted counter([](const Question&) { return Answer::literal("255"); });
    EXPECT_EQ(
        result_of("  *  $#" + std::string(GetParam().argument) + "#$Y\n", "x", counter),
        GetParam().result
    );
}

INSTANTIATE_TEST_SUITE_P(
    Engine,
    Sequences,
    testing::Values(
        SequenceCase{"f", "match=yes flags=Y output=255"},
        SequenceCase{"f|16", "match=yes flags=Y output=FF"},
        SequenceCase{"f|-16|4", "match=yes flags=Y output=00FF"},
        SequenceCase{"f|2|0|4", "match=yes flags=Y output=11"},
        SequenceCase{"f||5", "match=yes flags=Y output=00255"},
        SequenceCase{"f|1", "match=no flags=- output=x"},
        SequenceCase{"f|37", "match=no flags=- output=x"},
        SequenceCase{"f|10|65", "match=no flags=- output=x"},
        SequenceCase{"f|10|1|0", "match=no flags=- output=x"},
        SequenceCase{"f|10|1|7|9", "match=no flags=- output=x"}
    )
);

TEST(Engine, FlagsAndControlsInArgumentsHaveNoEffect) {
    EXPECT_EQ(
        result_of("  *  $|X-S;$Na$E$0|$Y\n\nX-S\n\n  *  <$0>$Y\n", "x"),
        "match=yes flags=Y output=<ax>"
    );
}

TEST(Engine, NamesTheEntryThatDecided) {
    const TableSet tables = test::load_text("T\n\n  a  b$C\n  c  d\n  b  $N\n");
    NoAnswers nothing;
    const auto outcome = probe(tables, "T", "a", {}, nothing);
    EXPECT_EQ(outcome.decided_by.to_string(), "test.map:5:3");
    EXPECT_FALSE(probe(tables, "T", "q", {}, nothing).decided_by.file);
}

TEST(Trace, SaysWhatEveryEntryDidAndWhyNot) {
    Trace trace;
    NoAnswers nothing;
    const TableSet tables = test::load_text(
        "T\n\n  b*       never\n  *@x      $C$|X-ROLE;$0|$Y$E\n  *        $0!$N\n\nX-ROLE\n\n  "
        "root  admin$Y\n"
    );
    probe(tables, "T", "joe@x", {}, nothing, &trace);
    EXPECT_EQ(
        trace.to_string(),
        "T test.map:1:1 on \"joe@x\": probe\n"
        "T test.map:3:3 `b*` on \"joe@x\": no match: expected `b` at character 1, found `joe@x`\n"
        "T test.map:4:3 `*@x` on \"joe@x\": match $0=\"joe\"\n"
        "  X-ROLE test.map:7:1 on \"joe\": probe\n"
        "  X-ROLE test.map:9:3 `root` on \"joe\": no match: expected `root` at character 1, found "
        "`joe`\n"
        "  X-ROLE: result: not matched -> \"joe\" flags -\n"
        "T test.map:4:3 `*@x` on \"joe@x\": template failed: nothing found flags -\n"
        "T test.map:5:3 `*` on \"joe@x\": match $0=\"joe@x\"\n"
        "T test.map:5:3 `*` on \"joe@x\": template done -> \"joe@x!\" flags N\n"
        "T: result: matched -> \"joe@x!\" flags N\n"
    );
    EXPECT_FALSE(trace.truncated());
}

TEST(Trace, TellsWhatElementsTookAndPartsGave) {
    Trace trace;
    NoAnswers nothing;
    const TableSet tables =
        test::load_text("T\n\n  tcp_*|%@$[abc]*  $C$Y$0-$\\$1$|NONE;$2|x\n  tcp_*z*  never\n");
    probe(tables, "T", "tcp_local|X@abba", {}, nothing, &trace);
    const auto& steps = trace.steps();
    ASSERT_EQ(steps.size(), 6U);
    EXPECT_EQ(
        steps[1].elements, (std::vector<TracePart>{
                               {"tcp_", "tcp_", ""},
                               {"*", "local", "$0"},
                               {"|", "|", ""},
                               {"%", "X", "$1"},
                               {"@", "@", ""},
                               {"$[abc]*", "abba", "$2"}})
    );
    EXPECT_EQ(steps[2].event, TraceStep::Event::no_table);
    EXPECT_EQ(
        steps[3].parts, (std::vector<TracePart>{
                            {"$C", "", "on with the next entry"},
                            {"$Y", "", "sets flag Y"},
                            {"$0", "local", ""},
                            {"-", "-", ""},
                            {"$\\", "", ""},
                            {"$1", "x", ""},
                            {"$|NONE;$2|", "", "asked \"NONE;abba\": nothing found"}})
    );
    EXPECT_EQ(steps[4].event, TraceStep::Event::not_matched);
    EXPECT_EQ(steps[4].elements, (std::vector<TracePart>{{"tcp_", "tcp_", ""}}));
}

TEST(Trace, TellsRestartsAndTheirEnd) {
    Trace trace;
    NoAnswers nothing;
    const TableSet tables = test::load_text("T\n\n  a*  b$0$R\n  b*  a$0$R\n");
    probe(tables, "T", "ax", {}, nothing, &trace);
    std::size_t refused = 0;
    for (const TraceStep& step : trace.steps()) {
        if (step.event == TraceStep::Event::restart_refused) ++refused;
    }
    EXPECT_EQ(refused, 1U);
    Trace loop;
    const TableSet passes = test::load_text("T\n\n  *a*  $0b$1$L\n");
    EXPECT_EQ(probe(passes, "T", "aa", {}, nothing, &loop).output, "bb");
    EXPECT_THAT(loop.to_string(), testing::HasSubstr("another pass"));
}

// Ten thousand entries must not make ten thousand lines, unless somebody wants to see them.
TEST(Trace, CountsWhatTheIndexRulesOut) {
    std::string text = "T\n\n";
    for (int i = 0; i < 1000; ++i) text += "  host" + std::to_string(i) + ".example  $Y\n";
    const TableSet tables = test::load_text(text);
    NoAnswers nothing;
    Trace trace;
    probe(tables, "T", "host500.example", {}, nothing, &trace);
    ASSERT_EQ(trace.steps().size(), 5U) << trace.to_string();
    EXPECT_EQ(trace.steps()[1].event, TraceStep::Event::passed_over);
    EXPECT_EQ(trace.steps()[1].count, 500U);
    EXPECT_EQ(trace.steps()[2].where.line, 503U);
    Trace all(Trace::Detail::every_entry);
    probe(tables, "T", "host500.example", {}, nothing, &all);
    EXPECT_EQ(all.steps().size(), 504U);
    EXPECT_EQ(
        all.steps()[7].detail, "expected `host6.example` at character 1, found `host500.example`"
    );
}

TEST(Engine, LongTablesGiveWhatShortOnesGive) {
    // Every entry once in a table of its own, once among thousands: the index must not hide it.
    std::string many = "T\n\n";
    for (int i = 0; i < 3000; ++i) {
        const std::string n = std::to_string(i);
        many += "  *|host" + n + ".example|*  $0-" + n + "$Y\n";
        many += "  x" + n + "*  prefix-" + n + "$Y\n";
        many += "  *@d" + n + ".example  suffix-" + n + "$Y\n";
    }
    many += "  *  rest$N\n";
    const TableSet tables = test::load_text(many);
    NoAnswers nothing;
    const auto said = [&](std::string_view input) {
        return probe(tables, "T", input, {}, nothing).to_debug_string();
    };
    EXPECT_EQ(said("a|HOST2999.example|b"), "match=yes flags=Y output=a-2999");
    EXPECT_EQ(said("x17"), "match=yes flags=Y output=prefix-1");
    EXPECT_EQ(said("x"), "match=yes flags=N output=rest");
    EXPECT_EQ(said("joe@d1234.example"), "match=yes flags=Y output=suffix-1234");
}

}  // namespace
}  // namespace sluice::mapping
