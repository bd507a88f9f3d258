#include "lint/silence.h"

#include <gtest/gtest.h>

#include <memory>

namespace sluice::lint {

namespace {

Findings one_finding(const std::string& code, std::size_t line, Severity severity) {
    Findings findings;
    findings.add(Diagnostic{
        {std::make_shared<const std::string>("imta.cnf"), line, 3}, severity, code, "text", {}, {}}
    );
    return findings;
}

std::vector<std::string> left(
    const Findings& findings, const std::string& text, const std::string& list = {}
) {
    std::vector<std::string> out;
    const Silenced result = silence(findings, {{"imta.cnf", text}}, code_list(list));
    for (const Finding& one : result.findings.items()) {
        out.push_back(one.diagnostic.code + ':' + std::to_string(one.diagnostic.where.line));
    }
    return out;
}

using Left = std::vector<std::string>;

TEST(Silence, ByACommentOnTheLineBefore) {
    const auto findings = one_finding("L002", 2, Severity::warning);
    EXPECT_EQ(left(findings, "! lint: L002 ok\nrule\n"), Left{});
    EXPECT_EQ(left(findings, "! lint: l002 OK: it is meant\nrule\n"), Left{});
    EXPECT_EQ(left(findings, "! lint: L003 ok\nrule\n"), (Left{"L090:1", "L002:2"}));
    EXPECT_EQ(left(findings, "rule\nrule\n! lint: L002 ok\n"), (Left{"L002:2", "L090:3"}));
}

TEST(Silence, ByOneOfSeveralComments) {
    const auto findings = one_finding("L002", 4, Severity::warning);
    EXPECT_EQ(left(findings, "! lint: L002 ok\n! why\n! lint: L005 ok\nrule\n"), Left{"L090:3"});
    EXPECT_EQ(left(findings, "!\n!\n! lint: L002, W420 ok\nrule\n"), Left{"L090:3"});
}

TEST(Silence, ByAList) {
    const auto findings = one_finding("L014", 1, Severity::error);
    EXPECT_EQ(left(findings, "rule\n"), Left{"L014:1"});
    EXPECT_EQ(left(findings, "rule\n", "L001,l014"), Left{});
}

TEST(Silence, DoesNotReachErrorsOfTheLanguage) {
    const auto findings = one_finding("E304", 2, Severity::error);
    EXPECT_EQ(left(findings, "! lint: E304 ok\nrule\n"), (Left{"L090:1", "E304:2"}));
    EXPECT_EQ(left(findings, "rule\nrule\n", "E304"), Left{"E304:2"});
}

TEST(Silence, QuotesTheLine) {
    const auto result =
        silence(one_finding("L002", 2, Severity::warning), {{"imta.cnf", "a\r\n  b  c\r\n"}}, {});
    ASSERT_EQ(result.findings.items().size(), 1U);
    EXPECT_EQ(
        result.findings.items()[0].to_string(),
        "imta.cnf:2:3: warning: text [L002]\n    b  c\n    ^"
    );
}

TEST(Silence, NeedsItsForm) {
    EXPECT_TRUE(silencing_codes("! lint: L002").empty());
    EXPECT_TRUE(silencing_codes("! lint: something else ok").empty());
    EXPECT_TRUE(silencing_codes("! the word lint: L002 ok").empty());
    EXPECT_TRUE(silencing_codes(" ! lint: L002 ok").empty());
    EXPECT_EQ(silencing_codes("!lint:L002,W420 ok").size(), 2U);
}

}  // namespace

}  // namespace sluice::lint
