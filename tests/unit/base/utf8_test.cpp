#include "base/utf8.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

struct Case {
    std::string_view text;
    std::size_t length;
};
class Utf8Sequence : public testing::TestWithParam<Case> {};
TEST_P(Utf8Sequence, HasItsLengthOrNone) {
    EXPECT_EQ(utf8_sequence_length(GetParam().text), GetParam().length);
}
INSTANTIATE_TEST_SUITE_P(
    WellFormed,
    Utf8Sequence,
    testing::Values(
        Case{"ab", 1},
        Case{"\xC2\x80", 2},
        Case{"\xDF\xBFx", 2},
        Case{"\xE0\xA0\x80", 3},
        Case{"\xED\x9F\xBF", 3},
        Case{"\xEF\xBF\xBF", 3},
        Case{"\xF0\x90\x80\x80", 4},
        Case{"\xF4\x8F\xBF\xBF", 4}
    )
);
INSTANTIATE_TEST_SUITE_P(
    Broken,
    Utf8Sequence,
    testing::Values(
        Case{"", 0},
        Case{"\x80", 0},
        Case{"\xC3", 0},
        Case{"\xC3(", 0},
        Case{"\xC0\xAF", 0},
        Case{"\xE0\x80\xAF", 0},
        Case{"\xE2\x82", 0},
        Case{"\xE2\x82(", 0},
        Case{"\xED\xA0\x80", 0},
        Case{"\xF0\x80\x80\x80", 0},
        Case{"\xF4\x90\x80\x80", 0},
        Case{"\xF5\x80\x80\x80", 0},
        Case{"\xFF", 0}
    )
);

TEST(Utf8, WholeTextsAreJudged) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("gr\xC3\xBC\xC3\x9F\x65"));
    EXPECT_FALSE(is_utf8("gr\xC3\xBC\xC3"));
    EXPECT_TRUE(is_ascii("plain"));
    EXPECT_FALSE(is_ascii("\xC3\xBC"));
}

}  // namespace
}  // namespace sluice
