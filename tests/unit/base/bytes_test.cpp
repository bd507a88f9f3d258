#include "base/bytes.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Bytes, ComparesWithoutRegardToAsciiCaseOnly) {
    EXPECT_TRUE(equals_ignoring_case("Mail.Example", "mAIL.example"));
    EXPECT_FALSE(equals_ignoring_case("\xc4", "\xe4"));
    EXPECT_FALSE(equals_ignoring_case("a", "ab"));
    EXPECT_EQ(HashIgnoringCase{}("ABC"), HashIgnoringCase{}("abc"));
}

TEST(Bytes, SplitKeepsEmptyFields) {
    EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
    EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
    EXPECT_EQ(split_words(" a \t b "), (std::vector<std::string_view>{"a", "b"}));
}

TEST(Bytes, NumbersAreWholeTextOrNothing) {
    EXPECT_EQ(parse_unsigned("18446744073709551615"), 18446744073709551615ULL);
    EXPECT_FALSE(parse_unsigned("18446744073709551616"));
    EXPECT_FALSE(parse_unsigned(""));
    EXPECT_FALSE(parse_unsigned("1 "));
    EXPECT_FALSE(parse_unsigned("-1"));
    EXPECT_EQ(parse_signed("-12"), -12);
}

TEST(Bytes, PrintableShowsControls) {
    EXPECT_EQ(printable("a\r\n\x7f\x1b[m"), "a\\x0d\\x0a\\x7f\\x1b[m");
}

}  // namespace
}  // namespace sluice
