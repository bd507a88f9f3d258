#include "rewrite/rewrite.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "unit/rewrite/fake_answers.h"

namespace sluice::rewrite {
namespace {

class RewriteTest : public testing::Test {
protected:
    RewriteTest() {
        hosts_.add(
            "mail.example.com",
            {.channel = "l", .official_host = "mail.example.com", .is_local = true}
        );
        hosts_.add("out-daemon", {.channel = "tcp_out", .official_host = "out-daemon"});
    }
    void rule(const std::string& pattern, const std::string& templ) {
        const std::string line = pattern + ' ' + templ;
        ASSERT_TRUE(rules_.add(pattern, templ, {file_, ++line_, 1}, line, diagnostics_)) << line;
    }
    Outcome outcome(std::string_view address, Trace* trace = nullptr) {
        return rewrite(rules_, hosts_, options_, context_, address, answers_, trace);
    }
    std::string result(std::string_view address) { return outcome(address).to_debug_string(); }

    RuleSet rules_;
    HostTable hosts_;
    Options options_;
    Context context_;
    FakeAnswers answers_;
    Diagnostics diagnostics_;
    std::shared_ptr<const std::string> file_ = std::make_shared<const std::string>("imta.cnf");
    std::size_t line_ = 0;
};

TEST_F(RewriteTest, ReportsHostAndRoutingSystem) {
    rule("a.example", "$U@$D@gw.example@out-daemon");
    rule(".", "$U%$H@out-daemon");
    const Outcome routed = outcome("u@a.example");
    EXPECT_EQ(routed.address, "@gw.example:u@a.example");
    EXPECT_EQ(routed.host, "gw.example");
    EXPECT_EQ(routed.routing_system, "out-daemon");
    EXPECT_EQ(outcome("u@b.example").host, "b.example");
    EXPECT_EQ(outcome("@b.example:u@c.example").host, "b.example");
}

TEST_F(RewriteTest, PutsASourceRouteIntoARoute) {
    rule("a.example", "$U@$D@gw.example@out-daemon");
    EXPECT_EQ(result("@a.example:u@b"), "@gw.example,@a.example:u@b -> tcp_out");
    EXPECT_EQ(result("@a.example,@c:u@b"), "@gw.example,@a.example,@c:u@b -> tcp_out");
}

TEST_F(RewriteTest, RefusesWithTheConfiguredText) {
    options_.unknown_host_text = "illegal host/domain specified";
    EXPECT_EQ(result("u@nowhere"), "5.1.2 illegal host/domain specified");
}

TEST_F(RewriteTest, LimitsRepetitionAndGrowth) {
    rule("spin.example", "$U%spin.example");
    rule("grow.example", "$U.$U%grow.example");
    EXPECT_EQ(result("u@spin.example"), "5.4.6 rewrite rule loop");
    EXPECT_EQ(result("u@grow.example"), "5.4.6 rewrite rules make the address too long");
    std::string long_address = "u@";
    long_address.append(Ceilings::address, 'a');
    EXPECT_EQ(result(long_address), "5.1.3 address is too long");
}

TEST_F(RewriteTest, AllowsALongChainOfRules) {
    for (int i = 0; i < 99; ++i) {
        rule("h" + std::to_string(i), "$U%h" + std::to_string(i + 1));
    }
    rule("h99", "$U%end@out-daemon");
    EXPECT_EQ(result("u@h0"), "u@end -> tcp_out");
}

TEST_F(RewriteTest, LocalMailboxOfAPercentFormWinsOverAnErrorText) {
    rule("gone.example", "$?gone");
    EXPECT_EQ(result("u%gone.example"), "u%gone.example@mail.example.com -> l");
    EXPECT_EQ(result("u@gone.example"), "5.1.2 gone");
}

TEST_F(RewriteTest, FailsAfterALastChanceRuleWithoutChannel) {
    rule("$%", "$U%$H@nowhere-daemon$?no percent routing");
    EXPECT_EQ(result("u%node"), "5.1.2 no percent routing");
}

TEST_F(RewriteTest, RepeatsAfterALastChanceRule) {
    rule("$!", "$U%$H.uucp.example");
    rule("node.uucp.example", "$U%$D@out-daemon");
    EXPECT_EQ(result("node!u"), "u@node.uucp.example -> tcp_out");
}

TEST_F(RewriteTest, LooksLastChanceRulesUpWithTheTag) {
    rule("node", "$U%node@nowhere-daemon$Tvip|");
    rule("vip|$%", "$U%vip@out-daemon");
    EXPECT_EQ(result("u%node"), "u@vip -> tcp_out");
}

TEST_F(RewriteTest, ResetsTheTagForTheNextAddress) {
    rule("vip.example", "$U%x.example$Tvip|");
    rule("vip|x.example", "$U%tagged@out-daemon");
    rule("x.example", "$U%plain@out-daemon");
    EXPECT_EQ(result("u@vip.example"), "u@tagged -> tcp_out");
    EXPECT_EQ(result("u@x.example"), "u@plain -> tcp_out");
}

TEST_F(RewriteTest, PutsTheTagBeforeDatabaseKeys) {
    rule("vip.example", "$U%x.example$Tvip|");
    answers_.domains["vip|.example"] = "$U%$H.db@out-daemon";
    EXPECT_EQ(result("u@vip.example"), "u@x.db -> tcp_out");
}

TEST_F(RewriteTest, SkipsDatabaseEntriesThatAreNoTemplates) {
    answers_.domains["a.example"] = "$J";
    answers_.domains[".example"] = "no separators";
    rule(".", "$U%$H@out-daemon");
    EXPECT_EQ(result("u@a.example"), "u@a.example -> tcp_out");
}

TEST_F(RewriteTest, AsksTheDatabaseForLiteralsButNotForAsterisks) {
    result("u@[1.2.3.4]");
    EXPECT_EQ(
        answers_.questions, (std::vector<std::string>{
                                "domain [1.2.3.4]", "domain [1.2.3.]", "domain [1.2.]",
                                "domain [1.]", "domain []", "domain ."})
    );
    answers_.questions.clear();
    result("u@a.b");
    EXPECT_EQ(
        answers_.questions, (std::vector<std::string>{"domain a.b", "domain .b", "domain ."})
    );
}

TEST_F(RewriteTest, IsTemporaryWhereASourceIsSilent) {
    answers_.silent = true;
    EXPECT_EQ(result("u@a.example"), "4.4.3 address cannot be looked up at the moment");
    // $* comes before every question to the database.
    rule("$*", "$U%x@out-daemon");
    EXPECT_EQ(result("u@a.example"), "u@x -> tcp_out");
}

TEST_F(RewriteTest, TakesAddressesWithoutAHostAsLocal) {
    EXPECT_EQ(result("u"), "u@mail.example.com -> l");
    EXPECT_EQ(result("u@"), "u@mail.example.com -> l");
    EXPECT_EQ(result(""), "@mail.example.com -> l");
}

TEST_F(RewriteTest, SurvivesAnEmptyConfiguration) {
    const RuleSet no_rules;
    const HostTable no_hosts;
    const auto empty = [&](std::string_view address) {
        return rewrite(no_rules, no_hosts, options_, context_, address, answers_).to_debug_string();
    };
    EXPECT_EQ(empty("u@a"), "5.1.2 unknown host or domain");
    EXPECT_EQ(empty("u"), "5.1.2 unknown host or domain");
}

TEST_F(RewriteTest, ReplacesAdditionalNamesOnlyForRecipients) {
    HostEntry entry{.channel = "tcp_m", .official_host = "one.example", .additional = true};
    hosts_.add("two.example", entry);
    EXPECT_EQ(result("u@TWO.example"), "u@one.example -> tcp_m");
    rule("other.example", "$U%$D@two.example");
    EXPECT_EQ(result("u@other.example"), "u@other.example -> tcp_m");
    context_.forward = false;
    EXPECT_EQ(result("u@two.example"), "u@two.example -> tcp_m");
}

TEST_F(RewriteTest, TracesEveryStepWithItsRule) {
    rule("a.example", "$B$U%x@out-daemon");
    rule(".example", "$U%y.example@out-daemon");
    rule(".example", "$U%z.example@out-daemon");
    rule("other.test", "$U%other.test@out-daemon");
    Trace trace;
    ASSERT_TRUE(outcome("u@a.example", &trace).ok());
    EXPECT_EQ(
        to_debug_string(trace),
        "address: u@a.example: host a.example to the right of the @, rest u\n"
        "probe [$*]\n"
        "rule failed [a.example] imta.cnf:1:1: $B$U%x@out-daemon: not a header address ($B)\n"
        "probe [*.example]\n"
        "rule matched [.example] imta.cnf:2:1: $U%y.example@out-daemon: u%y.example to out-daemon\n"
        "considered: 2 of 4 rules tried; 1 behind the one used not needed; the other 1 has none of "
        "these patterns or a less specific one\n"
        "done: u@y.example -> tcp_out\n"
    );
}

// What is left behind the first part of `a.` is the empty part: its pattern is `.`.
TEST_F(RewriteTest, ADotAtTheEndOfAHostIsAnEmptyPart) {
    rule("*.*", "$U%stars@out-daemon");
    rule(".", "$U%$H@out-daemon");
    EXPECT_EQ(result("u@a."), "u@a -> tcp_out");
    EXPECT_EQ(result("u@a.b"), "u@stars -> tcp_out");
}

// A host that a template made can be a pattern: `.test` is the exact name and a generalised one.
TEST_F(RewriteTest, TracesARuleThatIsTriedTwiceButCountsItOnce) {
    rule(".test", "$B$U%x@out-daemon");
    rule("*.test", "$U%y@out-daemon$B");
    rule("other.test", "$U%other.test@out-daemon");
    Trace trace;
    EXPECT_FALSE(outcome("u@.test", &trace).ok());
    EXPECT_EQ(
        to_debug_string(trace),
        "address: u@.test: host .test to the right of the @, rest u\n"
        "probe [$*]\n"
        "rule failed [.test] imta.cnf:1:1: $B$U%x@out-daemon: not a header address ($B)\n"
        "rule failed [*.test] imta.cnf:2:1: $U%y@out-daemon$B: not a header address ($B)\n"
        "rule failed [.test] imta.cnf:1:1: $B$U%x@out-daemon: not a header address ($B)\n"
        "probe [*.*]\n"
        "probe [.]\n"
        "considered: 2 of 3 rules tried; the other 1 has none of these patterns\n"
        "as is: .test\n"
        "failed: 5.1.2 unknown host or domain\n"
    );
}

// For `*.test` the exact name has no part $&0, the pattern has.
TEST_F(RewriteTest, ARuleBehindTheOneUsedThatWasTriedIsNotCountedAgain) {
    rule("*.test", "$U%$&0.first@out-daemon");
    rule("*.test", "$U%$&0.second@out-daemon");
    Trace trace;
    ASSERT_TRUE(outcome("u@*.test", &trace).ok());
    ASSERT_GE(trace.size(), 2U);
    EXPECT_EQ(trace[trace.size() - 2].to_debug_string(), "considered: 2 of 2 rules tried");
    EXPECT_EQ(trace.back().to_debug_string(), "done: u@*.first -> tcp_out");
}

TEST_F(RewriteTest, TracesRoutesAndFailures) {
    Trace trace;
    EXPECT_FALSE(outcome("@mail.example.com:u@nowhere", &trace).ok());
    EXPECT_EQ(
        to_debug_string(trace),
        "address: @mail.example.com:u@nowhere: host mail.example.com in the source route, rest "
        "u@nowhere\n"
        "probe [$*]\n"
        "probe [mail.example.com]\n"
        "channel table [mail.example.com]: channel l\n"
        "considered: 0 of 0 rules tried\n"
        "route removed: mail.example.com\n"
        "address: u@nowhere: host nowhere to the right of the @, rest u\n"
        "probe [$*]\n"
        "probe [nowhere]\n"
        "probe [*]\n"
        "probe [.]\n"
        "considered: 0 of 0 rules tried\n"
        "as is: nowhere\n"
        "failed: 5.1.2 unknown host or domain\n"
    );
}

TEST_F(RewriteTest, TracesHowTheAddressWasTakenApart) {
    const auto first_line = [this](std::string_view address) {
        Trace trace;
        outcome(address, &trace);
        return trace.front().detail;
    };
    EXPECT_EQ(first_line("u%a%b"), "u%a%b: host b to the right of the last %, rest u%a");
    EXPECT_EQ(first_line("a!b!u"), "a!b!u: host a to the left of the first !, rest b!u");
    EXPECT_EQ(
        first_line("u@[192.0.2.1]"),
        "u@[192.0.2.1]: host [192.0.2.1] to the right of the @, a domain literal, rest u"
    );
    EXPECT_EQ(
        first_line("postmaster"),
        "postmaster: host mail.example.com, the local one, as there is none in it"
    );
}

TEST_F(RewriteTest, TracesWhatWasAskedOutside) {
    rule(".", "$U%$H${NOSUCH,$H}@out-daemon");
    Trace trace;
    outcome("u@a.example", &trace);
    std::string asked;
    for (const TraceStep& step : trace) {
        if (step.event == TraceEvent::asked) asked += step.to_debug_string() + '\n';
    }
    EXPECT_EQ(asked, "asked: mapping table NOSUCH, a.example: nothing found\n");
}

TEST_F(RewriteTest, TracesTheChannelThatAConditionMet) {
    rule("a.example", "$Mtcp_other$U%x@out-daemon");
    Trace trace;
    outcome("u@a.example", &trace);
    EXPECT_EQ(trace.at(2).event, TraceEvent::rule_failed);
    EXPECT_EQ(
        trace.at(2).detail, "the source channel is " + std::string(context_.source.name) + " ($M)"
    );
}

}  // namespace
}  // namespace sluice::rewrite
