#include "message/header_layout.h"

#include <gtest/gtest.h>

namespace sluice::message {
namespace {

HeaderLayout with_addresses(std::size_t most) {
    HeaderLayout layout;
    layout.max_addresses = most;
    return layout;
}

TEST(HeaderLayout, KeepsEverythingUnlessAsked) {
    const std::string odd = "SUBJECT :  odd\r\n\t blanks \r\n";
    EXPECT_TRUE(HeaderLayout().keeps_all());
    EXPECT_EQ(lay_out(odd, HeaderLayout()), odd);
}

TEST(HeaderLayout, ManyRecipientsBecomeSeveralFields) {
    EXPECT_EQ(
        lay_out("To: a@x, b@x,\r\n c@x\r\n", with_addresses(2)), "To: a@x, b@x\r\nTo: c@x\r\n"
    );
    EXPECT_EQ(lay_out("To: a@x, b@x\r\n", with_addresses(2)), "To: a@x, b@x\r\n");
    EXPECT_EQ(lay_out("From: a@x, b@x, c@x\r\n", with_addresses(2)), "From: a@x, b@x, c@x\r\n");
}

TEST(HeaderLayout, GroupIsNotSplit) {
    const std::string group = "To: G: a@x, b@x, c@x;\r\n";
    EXPECT_EQ(lay_out(group, with_addresses(1)), group);
}

TEST(HeaderLayout, LongRecipientFieldIsSplitAtCommas) {
    HeaderLayout layout;
    layout.max_chars = 20;
    EXPECT_EQ(
        lay_out("Cc: aaaa@xx, bbbb@xx, cccc@xx\r\n", layout),
        "Cc: aaaa@xx, bbbb@xx\r\nCc: cccc@xx\r\n"
    );
}

TEST(HeaderLayout, RefoldsToTheLineLength) {
    HeaderLayout layout;
    layout.refold = true;
    layout.line_length = 20;
    EXPECT_EQ(
        lay_out("Subject: one\r\n two three four\r\n", layout),
        "Subject: one two\r\n three four\r\n"
    );
}

TEST(HeaderLayout, FoldsOnlyLongLines) {
    HeaderLayout layout;
    layout.line_length = 20;
    EXPECT_EQ(lay_out("X: a\r\n\tb\r\n", layout), "X: a\r\n\tb\r\n");
    EXPECT_EQ(
        lay_out("X: aaaaaaaa bbbbbbbb cccc\r\n", layout), "X: aaaaaaaa bbbbbbbb\r\n cccc\r\n"
    );
    EXPECT_EQ(
        lay_out("X: " + std::string(40, 'a') + "\r\n", layout),
        "X: " + std::string(40, 'a') + "\r\n"
    );
}

TEST(HeaderLayout, ContentsBeginAtTheColumn) {
    HeaderLayout layout;
    layout.label_column = 9;
    EXPECT_EQ(lay_out("To:a@x\r\n", layout), "To:      a@x\r\n");
    EXPECT_EQ(lay_out("Content-Type:  text/plain\r\n", layout), "Content-Type: text/plain\r\n");
}

TEST(HeaderLayout, DatesTakeTheFormAskedFor) {
    HeaderLayout layout;
    layout.dates = {DateForm::Year::four_digits, DateForm::Day::add};
    EXPECT_EQ(
        lay_out("Date: 19 Jan 98 19:16:57 -0800\r\n", layout),
        "Date: Mon, 19 Jan 1998 19:16:57 -0800\r\n"
    );
    layout.dates = {DateForm::Year::two_digits, DateForm::Day::remove};
    EXPECT_EQ(
        lay_out("Date:  Mon, 19 Jan 1998 19:16:57 -0800 (PST)\r\n", layout),
        "Date:  19 Jan 98 19:16:57 -0800 (PST)\r\n"
    );
    EXPECT_EQ(lay_out("Date: yesterday\r\n", layout), "Date: yesterday\r\n");
}

TEST(HeaderLayout, GrownLinesAreFoldedAtTheLimitOfTheStandard) {
    const std::string text = "To: " + std::string(900, 'a') + " " + std::string(500, 'b') + "\r\n";
    EXPECT_EQ(
        within_longest_line(text),
        "To: " + std::string(900, 'a') + "\r\n " + std::string(500, 'b') + "\r\n"
    );
    EXPECT_EQ(within_longest_line("To: a b\r\n"), "To: a b\r\n");
}

}  // namespace
}  // namespace sluice::message
