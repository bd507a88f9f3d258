#include "address/local_part.h"

#include <gtest/gtest.h>

namespace sluice::address {
namespace {

struct SpellingRow {
    const char* name;
    const char* spelled;
    const char* meaning;
    const char* canonical;
};

class LocalPartSpelling : public testing::TestWithParam<SpellingRow> {};

TEST_P(LocalPartSpelling, HasItsMeaningAndShortestForm) {
    EXPECT_EQ(unquote_local_part(GetParam().spelled), GetParam().meaning);
    EXPECT_EQ(canonical_local_part(GetParam().spelled), GetParam().canonical);
}

TEST_P(LocalPartSpelling, KeepsItsMeaningWhenMadeCanonical) {
    const std::string canonical = canonical_local_part(GetParam().spelled);
    EXPECT_EQ(unquote_local_part(canonical), GetParam().meaning);
    EXPECT_EQ(canonical_local_part(canonical), canonical);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    LocalPartSpelling,
    testing::Values(
        SpellingRow{"Plain", "john.doe", "john.doe", "john.doe"},
        SpellingRow{"NeedlesslyQuoted", "\"john.doe\"", "john.doe", "john.doe"},
        SpellingRow{"QuotedBlank", "\"john doe\"", "john doe", "\"john doe\""},
        SpellingRow{"QuotedPercent", "\"a%b\"", "a%b", "\"a%b\""},
        SpellingRow{"QuotedBang", "\"a!b\"", "a!b", "\"a!b\""},
        SpellingRow{"QuotedPlus", "\"a+b\"", "a+b", "\"a+b\""},
        SpellingRow{"NeedlessBackslash", "\"jo\\hn\"", "john", "john"},
        SpellingRow{"QuotedQuote", "\"a\\\"b\"", "a\"b", "\"a\\\"b\""},
        SpellingRow{"QuotedBackslash", "\"a\\\\b\"", "a\\b", "\"a\\\\b\""},
        SpellingRow{"QuotedDots", "\"a..b\"", "a..b", "\"a..b\""},
        SpellingRow{"QuotedFinalDot", "\"a.\"", "a.", "\"a.\""},
        SpellingRow{"Empty", "\"\"", "", "\"\""},
        SpellingRow{"PercentForm", "a%b", "a%b", "a%b"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(LocalPart, IsQuotedOnlyWhereItHasToBe) {
    EXPECT_EQ(quote_local_part("jane"), "jane");
    EXPECT_EQ(quote_local_part("jane doe"), "\"jane doe\"");
    EXPECT_EQ(quote_local_part(""), "\"\"");
    EXPECT_EQ(quote_local_part("a@b"), "\"a@b\"");
    EXPECT_EQ(quote_local_part("a%b"), "\"a%b\"");
    EXPECT_EQ(quote_local_part("a\"b"), "\"a\\\"b\"");
}

TEST(LocalPart, JoinsQuotedWords) {
    EXPECT_EQ(join_quoted_words("a.\"b\""), "\"a.b\"");
    EXPECT_EQ(join_quoted_words("\"a b\".c"), "\"a b.c\"");
    EXPECT_EQ(join_quoted_words("\"a\".\"b\""), "\"a.b\"");
    EXPECT_EQ(join_quoted_words("a.b"), std::nullopt);
    EXPECT_EQ(join_quoted_words("\"a.b\""), std::nullopt);
    EXPECT_EQ(join_quoted_words("a\"b\".c"), std::nullopt);
    EXPECT_EQ(join_quoted_words("a.\"b\"c"), std::nullopt);
    EXPECT_EQ(join_quoted_words("a.\"b"), std::nullopt);
    EXPECT_EQ(join_quoted_words("a.\"b\"."), std::nullopt);
    EXPECT_EQ(join_quoted_words(".\"b\""), std::nullopt);
    EXPECT_EQ(join_quoted_words("a..\"b\""), std::nullopt);
    EXPECT_EQ(join_quoted_words("a b.\"c\""), std::nullopt);
}

TEST(Subaddress, IsSplitAtTheFirstSeparator) {
    EXPECT_EQ(split_subaddress("jdoe+a+b"), (Subaddress{"jdoe", "a+b"}));
    EXPECT_EQ(split_subaddress("jdoe+"), (Subaddress{"jdoe", ""}));
    EXPECT_EQ(split_subaddress("jdoe"), (Subaddress{"jdoe", std::nullopt}));
    EXPECT_EQ(split_subaddress("jdoe-list", '-'), (Subaddress{"jdoe", "list"}));
    EXPECT_EQ(split_subaddress(""), (Subaddress{"", std::nullopt}));
}

TEST(Subaddress, NeedsAUserBeforeIt) {
    EXPECT_EQ(split_subaddress("+jdoe"), (Subaddress{"+jdoe", std::nullopt}));
    EXPECT_EQ(split_subaddress("+jdoe+x"), (Subaddress{"+jdoe", "x"}));
}

TEST(Subaddress, IsFoundInQuotedLocalParts) {
    EXPECT_EQ(split_subaddress("\"jdoe+My Folder\""), (Subaddress{"jdoe", "My Folder"}));
    EXPECT_EQ(split_subaddress("\"jane doe+x\""), (Subaddress{"\"jane doe\"", "x"}));
    EXPECT_EQ(split_subaddress("\"jane doe\""), (Subaddress{"\"jane doe\"", std::nullopt}));
}

}  // namespace
}  // namespace sluice::address
