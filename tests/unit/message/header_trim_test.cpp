#include "message/header_trim.h"

#include <gtest/gtest.h>

namespace sluice::message {
namespace {

constexpr std::string_view letter =
    "Received: from a by b;\r\n\tMon, 1 Jan 2024 10:00:00 +0000\r\n"
    "Received: from c by d\r\n"
    "X-Odd:   two  blanks\r\n"
    "To: amy@example.com\r\n"
    "Subject: a rather long subject that says nothing\r\n"
    "\r\n";

HeaderOptions with(const std::string& name, LineOptions options) {
    HeaderOptions all;
    all.lines.emplace(name, std::move(options));
    return all;
}

std::string trimmed(const HeaderOptions& options, std::string_view header = letter) {
    return trim_header(header, options).value_or("unchanged");
}

TEST(HeaderTrim, NothingAskedIsNothingChanged) {
    EXPECT_EQ(trim_header(letter, HeaderOptions()), std::nullopt);
    EXPECT_EQ(trim_header(letter, with("Bcc", {.maximum = 0})), std::nullopt);
}

TEST(HeaderTrim, MaximumKeepsTheFirstLines) {
    EXPECT_EQ(
        trimmed(with("received", {.maximum = 1})),
        "Received: from a by b;\r\n\tMon, 1 Jan 2024 10:00:00 +0000\r\n"
        "X-Odd:   two  blanks\r\n"
        "To: amy@example.com\r\n"
        "Subject: a rather long subject that says nothing\r\n"
        "\r\n"
    );
    EXPECT_EQ(
        trimmed(with("X-Odd", {.maximum = 0}), "X-Odd: 1\r\nTo: a@b\r\n\r\n"), "To: a@b\r\n\r\n"
    );
}

TEST(HeaderTrim, MaxLinesCountsPhysicalLinesOfAllOfThem) {
    EXPECT_EQ(
        trimmed(with("Received", {.max_lines = 2}), letter.substr(0, 79)),
        "Received: from a by b;\r\n\tMon, 1 Jan 2024 10:00:00 +0000\r\n"
    );
    // The first does not fit, so nothing behind it is kept in its place.
    EXPECT_EQ(trimmed(with("Received", {.max_lines = 1}), letter.substr(0, 79)), "");
}

TEST(HeaderTrim, MaxCharsCutsTheText) {
    EXPECT_EQ(
        trimmed(with("Subject", {.max_chars = 8}), "Subject: a rather long\r\n\r\n"),
        "Subject: a rather\r\n\r\n"
    );
}

TEST(HeaderTrim, LineLengthFoldsAnew) {
    EXPECT_EQ(
        trimmed(with("Subject", {.line_length = 20}), "Subject: a rather long subject\r\n\r\n"),
        "Subject: a rather\r\n long subject\r\n\r\n"
    );
}

TEST(HeaderTrim, FillAddsWhereNoneIsAndAddAlways) {
    EXPECT_EQ(
        trimmed(with("Organization", {.fill = "Example"}), "To: a@b\r\n\r\n"),
        "To: a@b\r\nOrganization: Example\r\n\r\n"
    );
    EXPECT_EQ(
        trim_header("Organization: Own\r\n\r\n", with("organization", {.fill = "Example"})),
        std::nullopt
    );
    EXPECT_EQ(
        trimmed(with("Comments", {.add = "seen"}), "Comments: a\r\nTo: a@b\r\n\r\n"),
        "Comments: a\r\nComments: seen\r\nTo: a@b\r\n\r\n"
    );
}

TEST(HeaderTrim, RelabelChangesTheNameAlone) {
    EXPECT_EQ(
        trimmed(
            with("X-MSMail-Priority", {.relabel = "Priority"}),
            "X-MSMail-priority:  High\r\n odd\r\n\r\n"
        ),
        "Priority:  High\r\n odd\r\n\r\n"
    );
}

TEST(HeaderTrim, PrecedenceOrdersAndEqualOnesKeepTheirOrder) {
    HeaderOptions options = with("To", {.precedence = -1});
    options.lines["Received"] = {.precedence = 5};
    constexpr std::string_view header =
        "Received: 1\r\nFrom: f\r\nTo: t\r\nReceived: 2\r\nA: a\r\n\r\n";
    EXPECT_EQ(
        trimmed(options, header), "To: t\r\nFrom: f\r\nA: a\r\nReceived: 1\r\nReceived: 2\r\n\r\n"
    );
    EXPECT_EQ(trim_header(header, options, true), std::nullopt) << "headerkeeporder";
}

TEST(HeaderTrim, GroupTakesOneOfEachInTurn) {
    HeaderOptions options = with("A", {.group = true});
    options.lines["B"] = {.group = true};
    EXPECT_EQ(
        trimmed(options, "A: 1\r\nA: 2\r\nB: 1\r\nB: 2\r\n\r\n"),
        "A: 1\r\nB: 1\r\nA: 2\r\nB: 2\r\n\r\n"
    );
}

TEST(HeaderTrim, OtherIsForNamesNoStandardKnowsAndDefaultsForTheRest) {
    HeaderOptions options;
    options.other = LineOptions{.maximum = 0};
    EXPECT_EQ(trimmed(options, "X-Odd: 1\r\nTo: t\r\n\r\n"), "To: t\r\n\r\n");
    options.other.reset();
    options.defaults = LineOptions{.maximum = 0};
    options.lines["To"] = {};
    EXPECT_EQ(trimmed(options, "X-Odd: 1\r\nTo: t\r\nDate: d\r\n\r\n"), "To: t\r\n\r\n");
}

TEST(HeaderTrim, WhatIsNoFieldEndsTheHeaderAndStays) {
    EXPECT_EQ(
        trimmed(with("X", {.maximum = 0}), "X: 1\r\nnot a field\r\nX: 2\r\n"),
        "not a field\r\nX: 2\r\n"
    );
}

TEST(HeaderTrim, KnownNamesAreFound) {
    EXPECT_TRUE(is_known_header("FROM"));
    EXPECT_TRUE(is_known_header("alternate-recipient"));
    EXPECT_TRUE(is_known_header("x400-recipients"));
    EXPECT_FALSE(is_known_header("X-Spam"));
}

}  // namespace
}  // namespace sluice::message
