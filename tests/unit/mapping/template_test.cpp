#include "mapping/template.h"

#include <gtest/gtest.h>

#include "mapping/limits.h"

namespace sluice::mapping {
namespace {

struct BadTemplate {
    std::string text;
    const char* code;
    std::size_t offset;
};

class RefusedTemplate : public testing::TestWithParam<BadTemplate> {};

TEST_P(RefusedTemplate, NamesCodeAndPlace) {
    SyntaxFindings findings;
    EXPECT_FALSE(Template::parse(GetParam().text, findings)) << GetParam().text;
    ASSERT_EQ(findings.size(), 1U) << GetParam().text;
    EXPECT_EQ(findings[0].code, GetParam().code) << GetParam().text;
    EXPECT_EQ(findings[0].offset, GetParam().offset) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Template,
    RefusedTemplate,
    testing::Values(
        BadTemplate{"text$", "E_DANGLING", 4},
        BadTemplate{"$:", "E_DANGLING", 0},
        BadTemplate{"a$|T;$0", "E_UNTERMINATED", 1},
        BadTemplate{"${key$}", "E_UNTERMINATED", 0},
        BadTemplate{"$[i,r,a$]", "E_UNTERMINATED", 0},
        BadTemplate{"$]ldap:///x$[", "E_UNTERMINATED", 0},
        BadTemplate{"$}d,a", "E_UNTERMINATED", 0},
        BadTemplate{"$#f", "E_UNTERMINATED", 0},
        BadTemplate{"$?50", "E_UNTERMINATED", 0},
        BadTemplate{"$.text", "E_UNTERMINATED", 0}
    )
);

TEST(Template, WarnsAboutFlagsNobodyAssigned) {
    SyntaxFindings findings;
    EXPECT_TRUE(Template::parse("$(x)$Y$<$@", findings));
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].code, "W_FLAG");
    EXPECT_EQ(findings[0].severity, Severity::warning);
    EXPECT_EQ(findings[1].offset, 8U);
}

TEST(Template, LimitsBracketsInsideBrackets) {
    std::string text;
    for (unsigned i = 0; i <= limits::bracket_nesting; ++i) text += i % 2 == 0 ? "$[a" : "${";
    SyntaxFindings findings;
    EXPECT_FALSE(Template::parse(text, findings));
    EXPECT_EQ(findings.front().code, "E_TOO_LONG");
}

TEST(Template, KnowsWhichTablesItCalls) {
    SyntaxFindings findings;
    const auto result = Template::parse("$|ONE;$0|$C$[a,b,$|TWO,x|]$|$0;dynamic|$Y", findings);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->called_tables(), (std::vector<std::string>{"ONE", "TWO"}));
}

}  // namespace
}  // namespace sluice::mapping
