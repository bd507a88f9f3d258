#include "address/utf8_xtext.h"

#include <gtest/gtest.h>

namespace sluice::address {
namespace {

TEST(Utf8Xtext, EscapesWhatIsNotPlainAscii) {
    EXPECT_EQ(
        utf8_xtext(
            "gr\xc3\xbc\xc3\x9f"
            "e@b\xc3\xbc"
            "cher.example",
            900
        ),
        "gr\\x{FC}\\x{DF}e@b\\x{FC}cher.example"
    );
    EXPECT_EQ(utf8_xtext("\xf0\x9f\x93\xa7@x.example", 900), "\\x{1F4E7}@x.example");
    EXPECT_EQ(utf8_xtext("a+b=c\\d e", 900), "a\\x{2B}b\\x{3D}c\\x{5C}d\\x{20}e");
    EXPECT_EQ(utf8_xtext("\t", 900), "\\x{09}");
}

TEST(Utf8Xtext, IsCutBetweenCharacters) {
    EXPECT_EQ(utf8_xtext("\xc3\xbc\xc3\xbc\xc3\xbc", 13), "\\x{FC}\\x{FC}");
    EXPECT_EQ(utf8_xtext("abc", 2), "ab");
}

}  // namespace
}  // namespace sluice::address
