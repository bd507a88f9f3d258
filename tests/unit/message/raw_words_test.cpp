#include "message/raw_words.h"

#include <gtest/gtest.h>

#include "message/decoded_text.h"
#include "message/header_field.h"

namespace sluice::message {
namespace {

struct Row {
    std::string name;
    std::string charset;
    std::string header;
    std::string encoded;  ///< empty: as it was
};
void PrintTo(const Row& row, std::ostream* out) {
    *out << row.name;
}
class RawWords : public testing::TestWithParam<Row> {};

TEST_P(RawWords, BecomeEncodedWords) {
    const auto encoded = encode_raw_words(GetParam().header, GetParam().charset);
    EXPECT_EQ(encoded.value_or(""), GetParam().encoded);
    if (encoded) {
        EXPECT_FALSE(encode_raw_words(*encoded, GetParam().charset));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    RawWords,
    testing::Values(
        Row{"ascii", "utf-8", "Subject: plain\r\n", ""},
        Row{"word of a text", "iso-8859-1", "Subject: a gr\xFC\xDF b\r\n",
            "Subject: a =?iso-8859-1?Q?gr=FC=DF?= b\r\n"},
        Row{"words side by side", "iso-8859-1", "Subject: \xFC \xDF x\r\nX: \xFC\r\n",
            "Subject: =?iso-8859-1?Q?=FC_=DF?= x\r\nX: \xFC\r\n"},
        Row{"folded", "utf-8", "Subject: \xC3\xBC\r\n \xC3\x9F\r\n\r\n",
            "Subject: =?utf-8?Q?=C3=BC_=C3=9F?=\r\n\r\n"},
        Row{"none of the set", "utf-8", "Subject: \xFC\r\n", ""},
        Row{"no known set", "x-none", "Subject: \xFC\r\n", ""},
        Row{"no set", "", "Subject: \xFC\r\n", ""},
        Row{"name of an address", "iso-8859-1", "From: J\xF6rg M <j@x>, b@y\r\n",
            "From: =?iso-8859-1?B?SvZyZw==?= M <j@x>, b@y\r\n"},
        Row{"name in quotes", "iso-8859-1", "To: \"M\\\"\xF6, J\"<j@x>\r\n",
            "To: =?iso-8859-1?B?TSL2LCBK?= <j@x>\r\n"},
        Row{"addresses and comments", "utf-8",
            "To: \xC3\xB6@x, <\xC3\xB6@x>, \"\xC3\xB6\"@x (\xC3\xB6)\r\n", ""},
        Row{"mailbox separator", "utf-8", "From \xC3\xB6\nSubject: \xC3\xB6\n",
            "From \xC3\xB6\nSubject: =?utf-8?Q?=C3=B6?=\n"},
        Row{"quote without end", "utf-8", "To: \"\xC3\xB6 <a@b>\r\n", ""}
    )
);

TEST(RawWordsOfAField, AreCutBetweenCharacters) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "\xE6\x97\xA5";
    const auto encoded = encode_raw_words("Subject: " + text + "\r\n", "utf-8");
    ASSERT_TRUE(encoded);
    EXPECT_EQ(decoded_text(*find_header(*encoded, "Subject")), text);
    for (const HeaderField& field : split_header(*encoded)) EXPECT_EQ(field.name, "Subject");
}

}  // namespace
}  // namespace sluice::message
