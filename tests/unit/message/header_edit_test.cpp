#include "message/header_edit.h"

#include <gtest/gtest.h>

namespace sluice::message {
namespace {

using Kind = HeaderEdit::Kind;

constexpr std::string_view header =
    "Received: from a\r\n\tby b\r\n"
    "SUBJECT:  old \xe9 one,\r\n folded\r\n"
    "Reply-To: a@example.com\r\n"
    "Reply-to: b@example.com\r\n"
    "\r\n";

std::string edited(HeaderEdit edit) {
    return apply_edits(header, {std::move(edit)});
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
}

TEST(HeaderEdit, NoEditsKeepEveryOctet) {
    EXPECT_EQ(apply_edits(header, {}), header);
    EXPECT_EQ(edited({Kind::remove, "X-Other", ""}), header);
}

TEST(HeaderEdit, AddsBehindAllFields) {
    EXPECT_EQ(
        edited({Kind::add, "List-Id", "<x.example.com>"}),
        replaced(std::string(header), "\r\n\r\n", "\r\nList-Id: <x.example.com>\r\n\r\n")
    );
    EXPECT_EQ(edited({Kind::add_if_missing, "reply-to", "c@example.com"}), header);
}

TEST(HeaderEdit, ReplacesTheFirstAndRemovesTheOthers) {
    const std::string all = "Reply-To: a@example.com\r\nReply-to: b@example.com\r\n";
    EXPECT_EQ(
        edited({Kind::replace, "Reply-To", "l@example.com"}),
        replaced(std::string(header), all, "Reply-To: l@example.com\r\n")
    );
    EXPECT_EQ(edited({Kind::remove, "reply-to", ""}), replaced(std::string(header), all, ""));
}

TEST(HeaderEdit, TagsTheSubjectOnceAndKeepsItsFolding) {
    const HeaderEdit tag{Kind::tag_subject, "", "[team]"};
    const std::string once = edited(tag);
    EXPECT_EQ(once, replaced(std::string(header), "SUBJECT:  old", "SUBJECT: [team]  old"));
    EXPECT_EQ(apply_edits(once, {tag}), once);
    EXPECT_EQ(apply_edits("\r\n", {tag}), "Subject: [team]\r\n\r\n");
    EXPECT_EQ(apply_edits("Subject:\r\n", {tag}), "Subject: [team] \r\n");
}

TEST(HeaderEdit, NobodyInjectsAField) {
    EXPECT_EQ(
        apply_edits("A: b\r\n\r\n", {{Kind::add, "X", "one\r\nBcc: c@d"}}),
        "A: b\r\nX: one  Bcc: c@d\r\n\r\n"
    );
    EXPECT_EQ(apply_edits("A: b\r\n\r\n", {{Kind::add, "X\r\nY", "z"}}), "A: b\r\n\r\n");
}

TEST(HeaderEdit, WhatEndsABrokenHeaderStaysBehindIt) {
    EXPECT_EQ(
        apply_edits("A: b\nnot a field\n", {{Kind::add, "X", "y"}}), "A: b\nX: y\r\nnot a field\n"
    );
    EXPECT_EQ(apply_edits("A: b", {{Kind::add, "X", "y"}}), "A: b\r\nX: y\r\n");
}

TEST(HeaderEdit, AddsAsResentWhereTheFieldIsThere) {
    EXPECT_EQ(
        edited({Kind::add_or_resent, "Reply-To", "c@example.com"}),
        replaced(std::string(header), "\r\n\r\n", "\r\nResent-Reply-To: c@example.com\r\n\r\n")
    );
    EXPECT_EQ(
        edited({Kind::add_or_resent, "Precedence", "list"}),
        replaced(std::string(header), "\r\n\r\n", "\r\nPrecedence: list\r\n\r\n")
    );
}

TEST(HeaderEdit, ExtendsTheFirstField) {
    EXPECT_EQ(
        edited({Kind::extend, "reply-to", "c@example.com"}),
        replaced(std::string(header), "a@example.com", "a@example.com, c@example.com")
    );
    const std::string longer(70, 'x');
    EXPECT_EQ(
        edited({Kind::extend, "reply-to", longer}),
        replaced(std::string(header), "a@example.com", "a@example.com,\r\n " + longer)
    );
}

TEST(HeaderEdit, NumbersTheSubjectAtEitherEnd) {
    EXPECT_EQ(
        edited({Kind::prefix_subject, "", "[7]"}),
        replaced(std::string(header), "SUBJECT:  old", "SUBJECT: [7]  old")
    );
    EXPECT_EQ(
        edited({Kind::suffix_subject, "", "[7]"}),
        replaced(std::string(header), " folded", " folded [7]")
    );
    EXPECT_EQ(
        apply_edits("From: a\r\n\r\n", {{Kind::suffix_subject, "", "[7]"}}),
        "From: a\r\nSubject: [7]\r\n\r\n"
    );
}

TEST(HeaderEdit, StripsNumbersFromTheSubject) {
    EXPECT_EQ(
        apply_edits(
            "Subject: Re: [6] a [x1] b[] [12]\r\n", {{Kind::strip_subject_numbers, "", ""}}
        ),
        "Subject: Re: a [x1] b[] \r\n"
    );
}

}  // namespace
}  // namespace sluice::message
