#include "message/charset_converter.h"

#include <gtest/gtest.h>

#include <random>

namespace sluice::message {
namespace {

struct Converted {
    std::string text;
    bool malformed = false;
    std::uint64_t missing = 0;
};

Converted convert(
    std::string_view from, std::string_view to, std::string_view text, std::size_t piece = 1000000
) {
    const auto converter = CharsetConverter::open(from, to);
    Converted out;
    if (converter == nullptr) return {"unknown", true, 0};
    for (std::size_t i = 0; i < text.size(); i += piece)
        converter->feed(text.substr(i, piece), out.text);
    converter->finish(out.text);
    out.malformed = converter->is_malformed();
    out.missing = converter->missing();
    return out;
}

TEST(CharsetConverter, ConvertsBothWaysHoweverTheTextIsCut) {
    const std::string utf8 = "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC";
    for (const std::size_t piece : {1UL, 2UL, 3UL, 100UL}) {
        EXPECT_EQ(convert("utf-8", "ISO-8859-15", utf8, piece).text, "gr\xFC\xDF \xA4");
        EXPECT_EQ(convert("iso_8859-15", "UTF-8", "gr\xFC\xDF \xA4", piece).text, utf8);
    }
}

TEST(CharsetConverter, EndsShiftStates) {
    const std::string word = "\xE6\x97\xA5\xE6\x9C\xAC";
    const std::string shifted = "\x1B$BF|K\\\x1B(B";
    EXPECT_EQ(convert("utf-8", "iso-2022-jp", word).text, shifted);
    EXPECT_EQ(convert("iso-2022-jp", "utf-8", shifted, 1).text, word);
    EXPECT_EQ(convert("utf-8", "utf-7", "\xC3\xA4").text, "+AOQ-");
}

TEST(CharsetConverter, CountsWhatTheTargetLacks) {
    const Converted out = convert("utf-8", "iso-8859-1", "a\xE2\x82\xAC\xE6\x97\xA5z");
    EXPECT_EQ(out.text, "a??z");
    EXPECT_EQ(out.missing, 2U);
    EXPECT_FALSE(out.malformed);
}

TEST(CharsetConverter, EndsAtOctetsOfNoCharacter) {
    EXPECT_TRUE(convert("utf-8", "iso-8859-1", "a\xFFz").malformed);
    EXPECT_TRUE(convert("us-ascii", "utf-8", "gr\xFC").malformed);
    EXPECT_TRUE(convert("utf-8", "iso-8859-1", "ends within \xC3").malformed);
    EXPECT_FALSE(convert("utf-8", "iso-8859-1", "").malformed);
}

TEST(CharsetConverter, LongTextsNeedNoMore) {
    std::string text;
    std::mt19937 random(7);
    while (text.size() < 300000)
        text += random() % 3 == 0 ? "\xE6\x97\xA5" : random() % 2 == 0 ? "\xC3\xA4" : "a";
    const Converted utf16 = convert("utf-8", "utf-16be", text, 777);
    EXPECT_EQ(convert("utf-16be", "utf-8", utf16.text, 333).text, text);
}

TEST(CharsetConverter, KnowsNames) {
    EXPECT_TRUE(is_known_charset("Windows-1252"));
    EXPECT_TRUE(is_known_charset("ISO_8859-1:1987"));
    for (const char* name : {"", "x-nothing", "../../etc/passwd", "ibm-37,swaplfnl", "utf 8"})
        EXPECT_FALSE(is_known_charset(name)) << name;
    EXPECT_FALSE(is_known_charset(std::string(5000, 'x')));
    EXPECT_TRUE(keeps_ascii("koi8-r"));
    EXPECT_TRUE(keeps_ascii("iso-2022-jp"));
    EXPECT_FALSE(keeps_ascii("utf-16"));
    EXPECT_FALSE(keeps_ascii("ibm-037"));
    EXPECT_FALSE(keeps_ascii("x-nothing"));
}

}  // namespace
}  // namespace sluice::message
