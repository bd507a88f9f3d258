#include "log/sanitise.h"

#include <gtest/gtest.h>

namespace sluice::log {
namespace {

struct Case {
    const char* name;
    std::string in;
    std::string out;
};
std::string name_of(const testing::TestParamInfo<Case>& test) {
    return test.param.name;
}

class FreeText : public testing::TestWithParam<Case> {};
TEST_P(FreeText, KeepsTheLineWhole) {
    EXPECT_EQ(sanitise_text(GetParam().in, 1000), GetParam().out);
    EXPECT_EQ(sanitise_text(GetParam().out, 1000), GetParam().out)
        << "a second pass changes nothing";
}
INSTANTIATE_TEST_SUITE_P(
    Texts,
    FreeText,
    testing::Values(
        Case{"plain", "250 2.1.5 a@b OK.", "250 2.1.5 a@b OK."},
        Case{"reply_lines", "250-a\r\n250 b", "250-a 250 b"},
        Case{"bare_line_feed", "a\nb", "a\\x0ab"},
        Case{"bare_return", "a\rb", "a\\x0db"},
        Case{"escape", "\x1b[2J", "\\x1b[2J"},
        Case{"nul_and_del", std::string("a\0\x7f", 3), "a\\x00\\x7f"},
        Case{"tab", "a\tb", "a\\x09b"},
        Case{"eight_bit", "gr\xC3\xBC", "gr\\xc3\\xbc"},
        Case{"backslash", "a\\b", "a\\b"}
    ),
    name_of
);

class Word : public testing::TestWithParam<Case> {};
TEST_P(Word, HasNoBlanks) {
    EXPECT_EQ(sanitise_word(GetParam().in, 1000), GetParam().out);
}
INSTANTIATE_TEST_SUITE_P(
    Words,
    Word,
    testing::Values(
        Case{"plain", "THOR.SIROE.COM", "THOR.SIROE.COM"},
        Case{"blank", "a b", "a\\x20b"},
        Case{"line_end", "a\r\nb", "a\\x0d\\x0ab"},
        Case{
            "forged", "x\r\n19-Jan-1998 19:16:57.64 l",
            "x\\x0d\\x0a19-Jan-1998\\x2019:16:57.64\\x20l"}
    ),
    name_of
);

class Address : public testing::TestWithParam<Case> {};
TEST_P(Address, KeepsQuotedBlanksOnly) {
    EXPECT_EQ(sanitise_address(GetParam().in, true), GetParam().out);
}
INSTANTIATE_TEST_SUITE_P(
    Addresses,
    Address,
    testing::Values(
        Case{"plain", "adam@sesta.com", "adam@sesta.com"},
        Case{"quoted", "\"a b\"@c", "\"a b\"@c"},
        Case{"quoted_quote", "\"a\\\" b\"@c", "\"a\\\" b\"@c"},
        Case{"blank", "a b@c", "a\\x20b@c"},
        Case{"never_closed", "\"a b@c", "\"a\\x20b@c"},
        Case{"after_quotes", "\"a\" b@c", "\"a\"\\x20b@c"},
        Case{"line_feed_in_quotes", "\"a\nb\"@c", "\"a\\x0ab\"@c"},
        Case{"utf8", "gr\xC3\xBC\xC3\x9F\x65@\xE2\x82\xAC", "gr\xC3\xBC\xC3\x9F\x65@\xE2\x82\xAC"},
        Case{"broken_utf8", "a\xC3@b\xFF", "a\\xc3@b\\xff"},
        Case{"overlong_utf8", "\xC0\xAF\xE0\x80\xAF", "\\xc0\\xaf\\xe0\\x80\\xaf"},
        Case{"surrogate", "\xED\xA0\x80", "\\xed\\xa0\\x80"},
        Case{"terminal_control", "\xC2\x9B", "\\xc2\\x9b"}
    ),
    name_of
);

TEST(SanitiseAddress, WritesAsciiOutsideSmtputf8) {
    EXPECT_EQ(sanitise_address("gr\xC3\xBC@x", false), "gr\\xc3\\xbc@x");
}

class MessageId : public testing::TestWithParam<Case> {};
TEST_P(MessageId, EndsAtItsBracket) {
    EXPECT_EQ(sanitise_message_id(GetParam().in), GetParam().out);
}
INSTANTIATE_TEST_SUITE_P(
    Ids,
    MessageId,
    testing::Values(
        Case{"plain", "<a@b>", "<a@b>"},
        Case{"tail", "<a@b> 550 forged", "<a@b>"},
        Case{"blank", "<a b@c>", "<a\\x20b@c>"},
        Case{"newline", "<a\r\nb@c>", "<a\\x0d\\x0ab@c>"},
        Case{"no_brackets", "a b", "a\\x20b"}
    ),
    name_of
);

class Command : public testing::TestWithParam<Case> {};
TEST_P(Command, NeverShowsAPassword) {
    EXPECT_EQ(sanitise_command(GetParam().in), GetParam().out);
}
INSTANTIATE_TEST_SUITE_P(
    Commands,
    Command,
    testing::Values(
        Case{"unknown", "XYZZY now", "XYZZY now"},
        Case{"auth", "AUTH PLAIN AGFkYW0Ac2VjcmV0\r\n", "AUTH PLAIN"},
        Case{"lower_case", "auth  login  YWRhbQ==", "auth  login"},
        Case{"no_payload", "AUTH PLAIN", "AUTH PLAIN"},
        Case{"no_mechanism", "AUTH", "AUTH"},
        Case{"newline", "RCPT\nTO", "RCPT\\x0aTO"}
    ),
    name_of
);

TEST(Sanitise, CutsBetweenUnits) {
    EXPECT_EQ(sanitise_text("abcdef", 6), "abcdef");
    EXPECT_EQ(sanitise_text("abcdefg", 6), "abcdef...");
    EXPECT_EQ(sanitise_text("abcd\n", 7), "abcd...") << "no half escape";
    EXPECT_EQ(
        sanitise_address(std::string(1023, 'a') + "\xC3\xBC", true), std::string(1023, 'a') + "..."
    );
    EXPECT_EQ(sanitise_word(std::string(1 << 20, 'x'), max_host).size(), max_host + 3);
}

TEST(Sanitise, CutsLinesBetweenCharacters) {
    std::string line = "abc\xC3\xBC";
    cut_line(line, 0, 4);
    EXPECT_EQ(line, "abc...");
    cut_line(line, 0, 6);
    EXPECT_EQ(line, "abc...");
}

}  // namespace
}  // namespace sluice::log
