#include "mapping/pattern.h"

#include <gtest/gtest.h>

namespace sluice::mapping {
namespace {

struct BadPattern {
    const char* text;
    const char* code;
    std::size_t offset;
};

class RefusedPattern : public testing::TestWithParam<BadPattern> {};

TEST_P(RefusedPattern, NamesCodeAndPlace) {
    SyntaxFindings findings;
    EXPECT_FALSE(Pattern::parse(GetParam().text, findings)) << GetParam().text;
    ASSERT_EQ(findings.size(), 1U) << GetParam().text;
    EXPECT_EQ(findings[0].code, GetParam().code) << GetParam().text;
    EXPECT_EQ(findings[0].offset, GetParam().offset) << GetParam().text;
    EXPECT_EQ(findings[0].severity, Severity::error);
}

INSTANTIATE_TEST_SUITE_P(
    Pattern,
    RefusedPattern,
    testing::Values(
        BadPattern{"ab$", "E_DANGLING", 2},
        BadPattern{"x$Dy", "E_GLOB", 1},
        BadPattern{"$A", "E_GLOB", 0},
        BadPattern{"$[abc]y", "E_GLOB", 0},
        BadPattern{"$[z-a]%", "E_GLOB", 0},
        BadPattern{"$[abc", "E_UNTERMINATED", 0},
        BadPattern{"$[]", "E_UNTERMINATED", 0},
        BadPattern{"$[a$", "E_UNTERMINATED", 0},
        BadPattern{"$(1.2.3.4", "E_UNTERMINATED", 0},
        BadPattern{"*$0", "E_BACKREF", 1},
        BadPattern{"*$1*", "E_BACKREF", 1},
        BadPattern{"$@*$0*", "E_BACKREF", 3},
        BadPattern{"$(1.2.3.4/)", "E_IP", 0},
        BadPattern{"$(1.2.3.4/-1)", "E_IP", 0},
        BadPattern{"$(::1)", "E_IP", 0},
        BadPattern{"$<1.2.3.4/33>", "E_IP", 0},
        BadPattern{"${fe80::1%eth0}", "E_IP", 0}
    )
);

TEST(Pattern, ReportsAllItsProblems) {
    SyntaxFindings findings;
    EXPECT_FALSE(Pattern::parse("$Dx|$(nonsense)|$9*", findings));
    ASSERT_EQ(findings.size(), 3U);
    EXPECT_EQ(findings[0].code, "E_GLOB");
    EXPECT_EQ(findings[1].code, "E_IP");
    EXPECT_EQ(findings[2].code, "E_BACKREF");
}

TEST(Pattern, CountsSavedFieldsOnly) {
    SyntaxFindings findings;
    const auto pattern = Pattern::parse("$@*|%|$D*|$0*|$(10.0.0.0/8)|text", findings);
    ASSERT_TRUE(pattern);
    EXPECT_EQ(pattern->field_count(), 3U);
    EXPECT_TRUE(findings.empty());
}

}  // namespace
}  // namespace sluice::mapping
