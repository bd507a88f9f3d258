#include "filter/judgement.h"

#include <gtest/gtest.h>

#include "filter_site.h"
#include "tests/support/any_answers.h"

namespace sluice::filter {
namespace {

using milter::Verdict;
using Kind = Verdict::Kind;

struct Setting {
    std::string options = {};
    std::string mappings = {};
    std::string filter_file = {};
};

Judgement judged(
    const Setting& setting, const Verdict& verdict, const milter::Changes& changes = {}
) {
    const auto site = filter_site(
        "sourcespamfilter1", "", setting.options, setting.mappings, setting.filter_file
    );
    EXPECT_TRUE(site);
    test::AnyAnswers answers;
    const Plan plan = source_plan(*site, *site->imta.channels.find("a"));
    return judge(*site, plan.at(0), {"a", {}, "s@outside.test"}, verdict, changes, answers);
}

Verdict refusal(int code, const std::string& text) {
    const bool hard = code >= 500;
    return {
        hard ? Kind::reject : Kind::tempfail,
        {code, {static_cast<std::uint16_t>(code / 100), 7, 1}, {text}},
        {}};
}

TEST(Judgement, ObeysTheFilter) {
    EXPECT_FALSE(judged({}, {}).is_final());
    EXPECT_EQ(judged({}, refusal(550, "no")).refusal->lines, std::vector<std::string>{"no"});
    EXPECT_TRUE(judged({}, {Kind::discard, {}, {}}).discard);
    const auto held = judged({}, {}, {milter::Quarantine{"odd\nthing"}});
    EXPECT_EQ(held.hold_reason, "milter filter 1: odd\\x0athing");
    EXPECT_FALSE(held.is_final());
}

TEST(Judgement, FailureFollowsTheMode) {
    const Verdict failure{Kind::failure, {}, "hung"};
    EXPECT_EQ(judged({}, failure).refusal->code, 451);
    EXPECT_EQ(judged({.options = "SPAMFILTER1_OPTIONAL=-2\n"}, failure).refusal->code, 451);
    EXPECT_FALSE(judged({.options = "SPAMFILTER1_OPTIONAL=1\n"}, failure).is_final());
    EXPECT_TRUE(judged({.options = "SPAMFILTER1_OPTIONAL=3\n"}, failure).later);
    EXPECT_EQ(judged({.filter_file = "MODE=reject\n"}, failure).refusal->code, 550);
    EXPECT_EQ(
        judged({.filter_file = "MODE=quarantine\n"}, failure).hold_reason,
        "milter filter 1: no verdict"
    );
}

TEST(Judgement, ActionsReplaceObedience) {
    const Setting actions{
        .options =
            "SPAMFILTER1_STRING_ACTION=data:,addheader \"X-Verdict: $M\"; addtag \"[bad]\";\n"
            "SPAMFILTER1_NULL_ACTION=data:,addconversiontag \"clean\";\n"};
    const auto bad = judged(actions, refusal(550, "bulk"));
    EXPECT_FALSE(bad.is_final());
    ASSERT_EQ(bad.header_edits.size(), 2U);
    EXPECT_EQ(bad.header_edits[0].name, "X-Verdict");
    EXPECT_EQ(bad.header_edits[0].value, "bulk");
    EXPECT_EQ(judged(actions, {}).conversion_tags, std::vector<std::string>{"clean"});
    EXPECT_EQ(
        judged({.options = "SPAMFILTER1_STRING_ACTION=data:,$M\n"}, refusal(451, "later"))
            .refusal->code,
        451
    );
    EXPECT_TRUE(
        judged({.options = "SPAMFILTER1_STRING_ACTION=data:,discard;\n"}, refusal(550, "x")).discard
    );
}

TEST(Judgement, FailureIsNoVerdictForActions) {
    const Verdict failure{Kind::failure, {}, "hung"};
    EXPECT_EQ(
        judged({.options = "SPAMFILTER1_STRING_ACTION=data:,discard;\n"}, failure).refusal->code,
        451
    );
}

TEST(Judgement, TableHasTheLastWord) {
    const Setting table{
        .mappings =
            "MILTER_ACCESS\n\n"
            "  1|a||s@outside.test|reject|let$ me*   $Y$E\n"
            "  *|*|*|*|reject|*                     $X$N5.7.99|table:$ $4$E\n"
            "  *|*|*|*|accept|                      $G$D$Atag1,tag2|b$E\n"
            "  *|*|*|*|failure|*                    $Y$H$E\n"
            "  *|*|*|*|header|X-Spam:$ yes          $V$E\n"};
    EXPECT_FALSE(judged(table, refusal(550, "let me in")).is_final());
    const auto refused = judged(table, refusal(550, "bulk"));
    EXPECT_EQ(*refused.refusal, (milter::ReplyText{550, {5, 7, 99}, {"table: bulk"}}));
    EXPECT_EQ(judged(table, {Kind::failure, {}, "hung"}).hold_reason, "milter filter 1: hung");
    EXPECT_TRUE(judged(table, {}, {milter::AddHeader{"X-Spam", "yes"}}).discard);
    EXPECT_FALSE(judged(table, {}, {milter::AddHeader{"X-Spam", "no"}}).discard);
}

TEST(Judgement, TableNamesAChannel) {
    const auto led =
        judged({.mappings = "MILTER_ACCESS\n\n  *|*|*|*|accept|  $T$G$D[x]|t1,t2|b$E\n"}, {});
    EXPECT_EQ(led.channel, "b");
    EXPECT_EQ(led.conversion_tags, (std::vector<std::string>{"t1", "t2"}));
    ASSERT_EQ(led.header_edits.size(), 1U);
    EXPECT_EQ(led.header_edits[0].value, "[x]");
}

TEST(Judgement, SeveralFiltersGather) {
    Judgement first;
    first.hold_reason = "one";
    Judgement second;
    second.hold_reason = "two";
    second.discard = true;
    first.add(std::move(second));
    EXPECT_EQ(first.hold_reason, "one");
    EXPECT_TRUE(first.is_final());
}

}  // namespace
}  // namespace sluice::filter
