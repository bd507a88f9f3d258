#include "message/transfer_encoding.h"

#include <gtest/gtest.h>

#include <random>

namespace sluice::message {
namespace {

using enum TransferEncoding;

struct NameRow {
    const char* text;
    TransferEncoding encoding;
};
class TransferEncodingName : public testing::TestWithParam<NameRow> {};

TEST_P(TransferEncodingName, IsRead) {
    EXPECT_EQ(parse_transfer_encoding(GetParam().text), GetParam().encoding) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    TransferEncodingName,
    testing::Values(
        NameRow{"", seven_bit},
        NameRow{" BASE64 ", base64},
        NameRow{"(as usual)\r\n quoted-printable (RFC 2045)", quoted_printable},
        NameRow{"8BIT", eight_bit},
        NameRow{"8-bit", eight_bit},
        NameRow{"binary", binary},
        NameRow{"x-uuencode", unknown},
        NameRow{"base64 x", unknown}
    )
);

struct Row {
    const char* name;
    TransferEncoding encoding;
    std::string body;
    std::string content;
    bool damaged = false;
};
void PrintTo(const Row& row, std::ostream* out) {
    *out << row.name;
}
class Decoding : public testing::TestWithParam<Row> {};

TEST_P(Decoding, GivesTheContentInPiecesOfAnySize) {
    const Row& row = GetParam();
    for (std::size_t piece = 1; piece <= row.body.size() + 1; ++piece) {
        TransferDecoder decoder(row.encoding);
        std::string out;
        for (std::size_t i = 0; i < row.body.size(); i += piece)
            decoder.decode(std::string_view(row.body).substr(i, piece), out);
        decoder.finish(out);
        EXPECT_EQ(out, row.content) << "pieces of " << piece;
        EXPECT_EQ(decoder.is_damaged(), row.damaged) << "pieces of " << piece;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Base64,
    Decoding,
    testing::Values(
        Row{"empty", base64, "", ""},
        Row{"one line", base64, "SGVsbG8=\r\n", "Hello"},
        Row{"two octets of padding", base64, "SGVsbA==", "Hell"},
        Row{"lines", base64, "SGVs\r\nbG8s\r\nIHdv", "Hello, wo"},
        Row{"quantum over lines", base64, "SG\r\nVsb\nG8=", "Hello"},
        Row{"without padding", base64, "SGVsbG8", "Hello", true},
        Row{"lonely last digit", base64, "SGVsb", "Hel", true},
        Row{"padding in the middle", base64, "SGVsbG8=SGVsbG8=", "HelloHello", true},
        Row{"foreign octets", base64,
            "SG*Vs-bG\x80"
            "8=",
            "Hello", true}
    )
);

INSTANTIATE_TEST_SUITE_P(
    QuotedPrintable,
    Decoding,
    testing::Values(
        Row{"empty", quoted_printable, "", ""},
        Row{"plain", quoted_printable, "a b\r\nc", "a b\r\nc"},
        Row{"escapes", quoted_printable, "=E4=e4=3D", "\xE4\xE4="},
        Row{"soft break", quoted_printable, "one=\r\n two=\nthree", "one twothree"},
        Row{"soft break with blanks", quoted_printable, "one= \t\r\ntwo", "onetwo"},
        Row{"soft break at the end", quoted_printable, "one=", "one"},
        Row{"blanks at line ends", quoted_printable, "a \t\r\nb  \nc ", "a\r\nb\nc"},
        Row{"blank kept by escape", quoted_printable, "a=20\r\n", "a \r\n"},
        Row{"lonely sign", quoted_printable, "a=b\r\n=ZZ=", "a=b\r\n=ZZ", true},
        Row{"half an escape", quoted_printable, "x=4\r\ny=4", "x=4\r\ny=4", true},
        Row{"two signs", quoted_printable, "a==41", "a=A", true},
        Row{"lonely CR", quoted_printable, "a\rb \r c\r", "a\rb \r c\r"},
        Row{"sign, blanks, text", quoted_printable, "a= b", "a= b", true},
        Row{"8-bit", quoted_printable, "\xC3\xA4=41",
            "\xC3\xA4"
            "A"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    Others,
    Decoding,
    testing::Values(
        Row{"7bit", seven_bit, "a=41 \r\n", "a=41 \r\n"}, Row{"unknown", unknown, "M=41", "M=41"}
    )
);

struct EncodingRow {
    const char* name;
    TransferEncoding encoding;
    ContentMode mode;
    std::string content;
    std::string body;
};
void PrintTo(const EncodingRow& row, std::ostream* out) {
    *out << row.name;
}
class Encoding : public testing::TestWithParam<EncodingRow> {};

TEST_P(Encoding, GivesTheBodyInPiecesOfAnySize) {
    const EncodingRow& row = GetParam();
    for (std::size_t piece = 1; piece <= row.content.size() + 1; ++piece) {
        TransferEncoder encoder(row.encoding, row.mode);
        std::string out;
        for (std::size_t i = 0; i < row.content.size(); i += piece)
            encoder.encode(std::string_view(row.content).substr(i, piece), out);
        encoder.finish(out);
        EXPECT_EQ(out, row.body) << "pieces of " << piece;
    }
}

constexpr ContentMode text = ContentMode::text;
INSTANTIATE_TEST_SUITE_P(
    Rows,
    Encoding,
    testing::Values(
        EncodingRow{"base64", base64, ContentMode::binary, "Hello\n", "SGVsbG8K"},
        EncodingRow{"base64 of text", base64, text, "Hell\n", "SGVsbA0K"},
        EncodingRow{"base64 pads", base64, ContentMode::binary, "Hell", "SGVsbA=="},
        EncodingRow{
            "base64 lines", base64, text, std::string(58, 'a'),
            "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\r\nYQ=="},
        EncodingRow{
            "text", quoted_printable, text, "a=b \xE4\n\r\n\tx\t\n", "a=3Db =E4\r\n\r\n\tx=09\r\n"},
        EncodingRow{"blank at the end", quoted_printable, text, "a ", "a=20"},
        EncodingRow{"lonely CR", quoted_printable, text, "a\rb\r", "a=0Db=0D"},
        EncodingRow{"binary", quoted_printable, ContentMode::binary, "a\r\nb\n", "a=0D=0Ab=0A"},
        EncodingRow{
            "dots and dashes", quoted_printable, text, ".\n--b\n-.", "=2E\r\n=2D-b\r\n=2D."},
        EncodingRow{
            "mailbox separator", quoted_printable, text, "From me\nFro\nFromage\n",
            "=46rom me\r\nFro\r\nFromage\r\n"},
        EncodingRow{
            "long line", quoted_printable, text, std::string(75, 'x') + "-y",
            std::string(75, 'x') + "=\r\n=2Dy"},
        EncodingRow{
            "escape is not broken", quoted_printable, text, std::string(74, 'x') + "=",
            std::string(74, 'x') + "=\r\n=3D"},
        EncodingRow{"8bit text", eight_bit, text, "a\nb\r\n\xE4", "a\r\nb\r\n\xE4"},
        EncodingRow{
            "binary as it is", TransferEncoding::binary, ContentMode::binary, "a\nb", "a\nb"}
    )
);

TEST(TransferEncoding, WhatWasEncodedComesBack) {
    std::mt19937 random(20231104);
    const std::string alphabet = "aF-.=\r\n \tx\xE4" + std::string(1, '\0') + "From ";
    for (int round = 0; round < 2000; ++round) {
        std::string content;
        for (std::size_t size = random() % 300; content.size() < size;)
            content += alphabet[random() % alphabet.size()];
        for (const TransferEncoding encoding : {quoted_printable, base64}) {
            const std::string body = encode_body(encoding, ContentMode::binary, content);
            ASSERT_EQ(decode_body(encoding, body), content);
            std::size_t line = 0;
            for (const char c : body + '\n') {
                ASSERT_LT(static_cast<unsigned char>(c), 0x80);
                line = c == '\n' ? 0 : line + 1;
                ASSERT_LE(line, 77U);  // with the CR
            }
        }
    }
}

TEST(ContentSurvey, ChoosesTheShorterEncoding) {
    const auto chosen = [](std::string_view content, bool is_text) {
        ContentSurvey survey;
        for (const char c : content) survey.feed(std::string_view(&c, 1));
        return survey.seven_bit_encoding(is_text);
    };
    EXPECT_EQ(chosen("plain\r\ntext\r\n", true), seven_bit);
    EXPECT_EQ(chosen("mostly plain t\xE4xt\r\n", true), quoted_printable);
    EXPECT_EQ(chosen("mostly plain t\xE4xt\r\n", false), base64);
    EXPECT_EQ(chosen("\xE4\xE4\xE4\xE4 x", true), base64);
    EXPECT_EQ(chosen(std::string_view("a\0b", 3), true), base64);
    EXPECT_EQ(chosen(std::string(998, 'x') + "\r\n", true), seven_bit);
    EXPECT_EQ(chosen(std::string(999, 'x') + "\r\n", true), quoted_printable);
    EXPECT_EQ(chosen("bare\nline ends", true), quoted_printable);
    EXPECT_EQ(chosen("bare\r", false), base64);
}

}  // namespace
}  // namespace sluice::message
