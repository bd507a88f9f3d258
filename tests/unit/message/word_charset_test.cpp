#include "message/word_charset.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "message/decoded_text.h"
#include "message/header_field.h"

namespace sluice::message {
namespace {

CharsetChange to_utf8_from_latin(std::string_view charset) {
    if (equals_ignoring_case(charset, "iso-8859-1")) return {"", "utf-8"};
    if (equals_ignoring_case(charset, "x-latin")) return {"iso-8859-1", ""};
    if (equals_ignoring_case(charset, "utf-8")) return {"", "iso-2022-jp"};
    return {};
}

std::string changed(std::string_view header, std::size_t most = 100000) {
    return change_encoded_words(header, to_utf8_from_latin, most)
        .header.value_or(std::string(header) + "(unchanged)");
}

TEST(WordCharset, ChangesSetAndKeepsForm) {
    EXPECT_EQ(
        changed("Subject: =?ISO-8859-1?Q?Gr=FC=DFe_aus?= K=F6ln\r\n"),
        "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_aus?= K=F6ln\r\n"
    );
    EXPECT_EQ(
        changed("From: =?iso-8859-1*de?B?5Pb8?= <a@b.example>\r\n"),
        "From: =?utf-8*de?B?w6TDtsO8?= <a@b.example>\r\n"
    );
}

TEST(WordCharset, RelabelsOnly) {
    EXPECT_EQ(changed("Subject: =?x-latin?q?=E4?=\r\n"), "Subject: =?iso-8859-1?Q?=E4?=\r\n");
}

TEST(WordCharset, OtherWordsStay) {
    for (const std::string header :
         {"Subject: =?koi8-r?Q?=C1?=\r\n", "Subject: no word =? at all\r\n",
          "Subject: =?iso-8859-1?Q?a b?=\r\n", "Subject: =?utf-8?Q?=FF?=\r\n", ""})
        EXPECT_EQ(changed(header), header + "(unchanged)");
}

TEST(WordCharset, ReadsCutCharactersTogether) {
    const auto ask = [](std::string_view) { return CharsetChange{"", "iso-8859-1"}; };
    const std::string header = "Subject: =?utf-8?Q?a=C3?=\r\n =?utf-8?Q?=A4z?= end\r\n";
    EXPECT_EQ(
        change_encoded_words(header, ask, 1000).header, "Subject: =?iso-8859-1?Q?a=E4z?= end\r\n"
    );
}

TEST(WordCharset, CutsLongTextsBetweenCharacters) {
    std::string words;
    std::string plain;
    for (int i = 0; i < 40; ++i) {
        words += (i == 0 ? "=?utf-8?B?" : " =?utf-8?B?") + std::string("5pel5pys6Kqe?=");
        plain += "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E";
    }
    const std::string out = changed("Subject: " + words + "\r\nTo: x\r\n");
    EXPECT_EQ(decoded_text(find_header(out, "Subject").value()), plain);
    for (const auto& line : split(out, '\n')) EXPECT_LE(line.size(), 79U) << line;
    EXPECT_NE(out.find("=?iso-2022-jp?B?"), std::string::npos);
    EXPECT_TRUE(out.ends_with("?=\r\nTo: x\r\n"));
}

TEST(WordCharset, FoldsInFrontOfAWordThatGotLonger) {
    const std::string header =
        "Subject: " + std::string(50, 'x') + " =?iso-8859-1?Q?=E4=E4=E4=E4?=\r\n";
    EXPECT_EQ(
        changed(header),
        "Subject: " + std::string(50, 'x') + "\r\n =?utf-8?Q?=C3=A4=C3=A4=C3=A4=C3=A4?=\r\n"
    );
}

TEST(WordCharset, ChangesNoMoreThanAllowed) {
    const std::string word = "=?iso-8859-1?Q?=E4?=";
    const std::string out = changed("A: " + word + "\r\nB: " + word + "\r\n", word.size() + 3);
    EXPECT_EQ(out, "A: =?utf-8?Q?=C3=A4?=\r\nB: " + word + "\r\n");
}

}  // namespace
}  // namespace sluice::message
