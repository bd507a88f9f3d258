#include "message/header_field.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace sluice::message {
namespace {

TEST(HeaderField, SplitsABlockIntoItsFields) {
    const auto fields = split_header("A: 1\r\nB:\r\n  2\r\n\t3\r\nC : x:y\r\n\r\nD: body\r\n");
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(fields[0].name, "A");
    EXPECT_EQ(fields[1].raw, "B:\r\n  2\r\n\t3\r\n");
    EXPECT_EQ(unfold(fields[1].raw_value), "2\t3");
    EXPECT_EQ(fields[2].name, "C");
    EXPECT_EQ(unfold(fields[2].raw_value), "x:y");
}

TEST(HeaderField, SplitHonoursItsCeiling) {
    EXPECT_EQ(split_header("A: 1\r\nB: 2\r\nC: 3\r\n", 2).size(), 2U);
}

class IllegalField : public testing::TestWithParam<std::string_view> {};
TEST_P(IllegalField, IsNotParsed) {
    EXPECT_FALSE(parse_header_field(GetParam()).has_value());
}
INSTANTIATE_TEST_SUITE_P(
    Lines,
    IllegalField,
    testing::Values(
        "", "no colon", ": no name", "two words: x", " : x", "n\xC3\xA4me: x", "a\tb: x"
    )
);

TEST(HeaderField, FindsTheFirstFieldOfAName) {
    const std::string_view block = "X: a\r\nsubject: one\r\n two\r\nSubject: three\r\n\r\n";
    EXPECT_EQ(find_header(block, "Subject"), "one two");
    EXPECT_FALSE(find_header(block, "To").has_value());
}

TEST(HeaderField, RemovesCommentsButNotQuotedParentheses) {
    EXPECT_EQ(without_comments("a (b (c) \\) d) e"), "a   e");
    EXPECT_EQ(without_comments("\"(not \\\" one)\" (one)"), "\"(not \\\" one)\"");
    EXPECT_EQ(without_comments("open (never closed"), "open");
    EXPECT_EQ(without_comments("close) alone"), "close) alone");
}

TEST(HeaderField, FindsMessageIds) {
    EXPECT_EQ(find_message_id("x <a@b> <c@d>"), "<a@b>");
    EXPECT_EQ(find_message_id("<never closed"), "");
    EXPECT_EQ(find_message_id("none"), "");
}

std::size_t longest_of(std::string_view text) {
    std::size_t longest = 0;
    for (std::string_view line : split(text, '\n')) longest = std::max(longest, line.size());
    return longest;
}

TEST(HeaderFolding, KeepsLinesShortAndUnfoldsToTheSame) {
    std::string value;
    for (int i = 0; i < 60; ++i) value += "word" + std::to_string(i) + (i % 7 == 0 ? "   " : " ");
    const std::string folded = fold_header("Subject", value);
    EXPECT_TRUE(folded.ends_with("\r\n"));
    EXPECT_LE(longest_of(folded), preferred_line + 1);  // and the carriage return
    EXPECT_EQ(find_header(folded, "Subject"), trim(value));
}

TEST(HeaderFolding, BreaksAMonsterWordByForce) {
    const std::string folded = fold_header("X", std::string(5000, 'x'));
    EXPECT_LE(longest_of(folded), longest_line + 1);
    EXPECT_EQ(split_header(folded).size(), 1U);
}

TEST(HeaderFolding, LetsNobodyInjectAField) {
    const std::string folded = fold_header("Subject", "a\r\nBcc: all@x\n\nbody");
    EXPECT_EQ(folded, "Subject: a  Bcc: all@x  body\r\n");
}

TEST(HeaderFolding, WritesEmptyValues) {
    EXPECT_EQ(fold_header("Subject", ""), "Subject:\r\n");
    EXPECT_EQ(fold_header("Subject", " \t "), "Subject:\r\n");
}

TEST(Phrase, IsQuotedWhereItMustBe) {
    EXPECT_EQ(quoted_phrase("Internet Mail Delivery"), "Internet Mail Delivery");
    EXPECT_EQ(quoted_phrase("Mail (Delivery)"), "\"Mail (Delivery)\"");
    EXPECT_EQ(quoted_phrase("say \"hi\" \\o/"), "\"say \\\"hi\\\" \\\\o/\"");
    EXPECT_EQ(quoted_phrase(""), "\"\"");
    EXPECT_EQ(quoted_phrase("a\r\nb"), "a  b");
}

}  // namespace
}  // namespace sluice::message
