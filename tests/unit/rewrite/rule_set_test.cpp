#include "rewrite/rule_set.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace sluice::rewrite {
namespace {

class RuleSetTest : public testing::Test {
protected:
    // Adds a rule written as in imta.cnf.
    bool add(const std::string& line) {
        ++line_number_;
        const auto blank = line.find_first_of(" \t");
        const std::string pattern = line.substr(0, blank);
        std::string templ;
        if (blank != std::string::npos) {
            const auto start = line.find_first_not_of(" \t", blank);
            if (start != std::string::npos) templ = line.substr(start);
        }
        return rules_.add(pattern, templ, {file_, line_number_, 1}, line, diagnostics_);
    }
    std::string findings() const {
        std::string out;
        for (const auto& d : diagnostics_.items()) {
            out += d.code + '@' + std::to_string(d.where.line) + ':' +
                   std::to_string(d.where.column) + ' ';
        }
        return out;
    }

    RuleSet rules_;
    Diagnostics diagnostics_;
    HostTable hosts_;
    std::shared_ptr<const std::string> file_ = std::make_shared<const std::string>("imta.cnf");
    std::size_t line_number_ = 0;
};

TEST_F(RuleSetTest, KeepsRulesWithTheSamePatternInOrder) {
    EXPECT_TRUE(add("a.example $E$U%one@x"));
    EXPECT_TRUE(add("A.Example $U%two@x"));
    const auto& chain = rules_.find("a.EXAMPLE");
    ASSERT_EQ(chain.size(), 2U);
    EXPECT_EQ(chain[0]->templ.text, "$E$U%one@x");
    EXPECT_EQ(chain[1]->where.to_string(), "imta.cnf:2:1");
    EXPECT_TRUE(rules_.find("b.example").empty());
    EXPECT_EQ(findings(), "");
}

TEST_F(RuleSetTest, DropsTrailingBlanks) {
    EXPECT_TRUE(add("a.example $U%b@x \t "));
    EXPECT_EQ(rules_.find("a.example").at(0)->templ.text, "$U%b@x");
}

TEST_F(RuleSetTest, ReportsMissingTemplate) {
    EXPECT_FALSE(add("a.example"));
    EXPECT_FALSE(add("a.example   "));
    EXPECT_EQ(findings(), "E201@1:10 E201@2:10 ");
    EXPECT_TRUE(rules_.find("a.example").empty());
}

TEST_F(RuleSetTest, ReportsBadTemplatesWithTheirColumn) {
    EXPECT_FALSE(add("bad1.example    $U"));
    EXPECT_FALSE(add("bad2.example    $U%a%b@x"));
    EXPECT_FALSE(add("bad3.example\t$U%$J@x"));
    EXPECT_FALSE(add("bad4.example    $U%${MAP,$U@x"));
    EXPECT_EQ(findings(), "E202@1:17 E202@2:21 E203@3:17 E204@4:20 ");
}

TEST_F(RuleSetTest, FindsTheTemplateBehindThePattern) {
    EXPECT_FALSE(add("$U $U"));
    EXPECT_EQ(findings(), "E202@1:4 ");
}

TEST_F(RuleSetTest, ReportsPatternsThatNeverMatch) {
    EXPECT_TRUE(add("x.*.example     $U%$D@x"));
    EXPECT_TRUE(add("  [10.2.3]        $U%[$L]@x"));
    EXPECT_EQ(diagnostics_.items().at(0).severity, Severity::warning);
    EXPECT_EQ(diagnostics_.items().at(0).code, "W201");
}

TEST_F(RuleSetTest, ReportsRulesThatAreNeverReached) {
    EXPECT_TRUE(add("twice.example $U%one@x"));
    EXPECT_TRUE(add("TWICE.example $U%two@x"));
    EXPECT_TRUE(add("cond.example $E$U%one@x"));
    EXPECT_TRUE(add("cond.example $U%two@x"));
    EXPECT_TRUE(add("text.example $?gone $E"));
    EXPECT_TRUE(add("text.example $U%two@x"));
    EXPECT_EQ(findings(), "W202@2:1 W202@6:1 ");
    EXPECT_NE(diagnostics_.items().at(0).hint.find("imta.cnf:1:1"), std::string::npos);
}

TEST_F(RuleSetTest, DoesNotCountRulesItLeftOut) {
    EXPECT_FALSE(add("twice.example $U"));
    EXPECT_TRUE(add("twice.example $U%two@x"));
    EXPECT_EQ(findings(), "E202@1:15 ");
}

TEST_F(RuleSetTest, ReportsRoutingSystemsThatNobodyOwns) {
    hosts_.add("x-daemon", {.channel = "x"});
    EXPECT_TRUE(add("known.example   $U%$D@X-DAEMON"));
    EXPECT_TRUE(add("lost.example    $U%$D@no-such-daemon$E"));
    EXPECT_TRUE(add("told.example    $U%$D@no-such-daemon$?not here"));
    EXPECT_TRUE(add("again.example   $U%$D"));
    EXPECT_TRUE(add("route.example   $U@$H@lost-daemon"));
    rules_.check_routing_systems(hosts_, diagnostics_);
    EXPECT_EQ(findings(), "W203@2:23 W203@5:23 ");
}

TEST_F(RuleSetTest, QuotesTheLineWithAHint) {
    add("bad.example $U%$J@x");
    EXPECT_EQ(
        diagnostics_.items().at(0).to_string(),
        "imta.cnf:1:16: error: unknown sequence $J [E203]\n"
        "  bad.example $U%$J@x\n"
        "                 ^\n"
        "  hint: $$ stands for a dollar sign"
    );
}

TEST_F(RuleSetTest, KeepsTheColumnWhereTheLineWasContinued) {
    rules_.add("a.example", "$U%$J@x", {file_, 7, 1}, "a.example \\", diagnostics_);
    EXPECT_EQ(diagnostics_.items().at(0).where.to_string(), "imta.cnf:7:1");
}

TEST_F(RuleSetTest, SurvivesBeingMoved) {
    add("a.example $U%b@x");
    const RuleSet moved = std::move(rules_);
    EXPECT_EQ(moved.find("a.example").size(), 1U);
    EXPECT_EQ(moved.find("a.example").at(0)->pattern, "a.example");
}

}  // namespace
}  // namespace sluice::rewrite
