#include "message/header_scanner.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace sluice::message {
namespace {

const ScannerSettings settings = {{"mta.example", "alias.example."}, 8192};

HeaderFacts scan(std::string_view text, std::size_t chunk = 65536) {
    HeaderScanner scanner(settings);
    for (std::size_t i = 0; i < text.size(); i += chunk) scanner.feed(text.substr(i, chunk));
    scanner.finish();
    return scanner.facts();
}

constexpr std::string_view letter =
    "Received: from a.example (b.example [192.0.2.1])\r\n"
    "\tby mta.example (Sluice 1) with ESMTP id <X1>; Mon, 19 Jan 1998 19:16:57 -0800\r\n"
    "Received: from x by other.example; Mon, 19 Jan 1998 19:16:50 -0800\r\n"
    "Date: Mon, 19 Jan 1998 19:16:49 -0800\r\n"
    "From: Adam <adam@sesta.com>\r\n"
    "To: marlowe@siroe.com\r\n"
    "Subject: two\r\n"
    " lines\r\n"
    "Message-id:\r\n"
    " <01ISKLSKC2QC90N15M@sesta.com> (made here)\r\n"
    "Priority: Non-Urgent\r\n"
    "Importance: high\r\n"
    "Sensitivity: Company-Confidential\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=us-ascii\r\n"
    "Content-Transfer-Encoding: 7bit\r\n"
    "\r\n"
    "Message-ID: <not-this-one@body>\r\n";

class ScannerChunks : public testing::TestWithParam<std::size_t> {};

TEST_P(ScannerChunks, FindTheSameFactsHoweverTheDataIsCut) {
    const HeaderFacts facts = scan(letter, GetParam());
    EXPECT_EQ(facts.message_id, "<01ISKLSKC2QC90N15M@sesta.com>");
    EXPECT_EQ(facts.date, "Mon, 19 Jan 1998 19:16:49 -0800");
    EXPECT_EQ(facts.from, "Adam <adam@sesta.com>");
    EXPECT_EQ(facts.subject, "two lines");
    EXPECT_EQ(facts.content_type, "text/plain; charset=us-ascii");
    EXPECT_EQ(facts.content_transfer_encoding, "7bit");
    EXPECT_TRUE(facts.has_recipient);
    EXPECT_TRUE(facts.has_mime_version);
    EXPECT_FALSE(facts.has_sender);
    EXPECT_FALSE(facts.has_eight_bit);
    EXPECT_FALSE(facts.is_automatic);
    EXPECT_EQ(facts.priority, Priority::nonurgent);
    EXPECT_EQ(facts.importance, Importance::high);
    EXPECT_EQ(facts.sensitivity, Sensitivity::company_confidential);
    EXPECT_EQ(facts.trace.received, 2U);
    EXPECT_EQ(facts.trace.local_received, 1U);
    EXPECT_EQ(facts.fields, 13U);
    EXPECT_EQ(facts.header_bytes, letter.find("\r\n\r\n") + 4);
    EXPECT_TRUE(facts.complete);
    EXPECT_FALSE(facts.malformed);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ScannerChunks, testing::Values(1, 2, 3, 7, 64, 65536));

struct LocalLine {
    const char* name;
    const char* line;
    bool local;
};

class LocalReceived : public testing::TestWithParam<LocalLine> {};

TEST_P(LocalReceived, IsToldByItsByClause) {
    const HeaderFacts facts = scan("Received: " + std::string(GetParam().line) + "\r\n\r\n");
    EXPECT_EQ(facts.trace.received, 1U);
    EXPECT_EQ(facts.trace.local_received, GetParam().local ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Lines,
    LocalReceived,
    testing::Values(
        LocalLine{"plain", "from x by mta.example; date", true},
        LocalLine{"other_case", "from x BY MTA.Example with SMTP; date", true},
        LocalLine{"final_dot", "from x by mta.example. with SMTP; date", true},
        LocalLine{"configured_with_dot", "by alias.example; date", true},
        LocalLine{"ends_after_host", "from x by mta.example", true},
        LocalLine{"longer_name", "from x by mta.example.org; date", false},
        LocalLine{"in_comment", "from x (by mta.example) by else.example; date", false},
        LocalLine{"after_date", "from x by else.example; by mta.example", false},
        LocalLine{"from_us", "from mta.example by else.example; date", false},
        LocalLine{"nothing_after_by", "from x by", false},
        LocalLine{"open_comment", "from x (by mta.example", false}
    ),
    [](const auto& test) { return test.param.name; }
);

TEST(HeaderScanner, CountsTraceLinesForLoopDetection) {
    std::string text;
    for (int i = 0; i < 51; ++i) text += "Received: by r" + std::to_string(i) + ".example; x\r\n";
    EXPECT_EQ(loop_reason(scan(text + "\r\n").trace, {}), "loop: 51 Received lines, limit 50");
    const std::size_t one_line = text.find('\n') + 1;
    EXPECT_EQ(loop_reason(scan(text.substr(one_line) + "\r\n").trace, {}), "");

    std::string local;
    for (int i = 0; i < 11; ++i) local += "Received: by mta.example; x\r\n";
    EXPECT_EQ(
        loop_reason(scan(local + "\r\n").trace, {}), "loop: 11 local Received lines, limit 10"
    );
    TraceLimits limits;
    limits.local_received = 0;
    EXPECT_EQ(loop_reason(scan(local + "\r\n").trace, limits), "");

    std::string mixed;
    for (int i = 0; i < 50; ++i) mixed += "Received: by a; x\r\nX400-Received: by b; x\r\n";
    mixed += "MR-Received: by c; x\r\n";
    EXPECT_EQ(loop_reason(scan(mixed + "\r\n").trace, {}), "loop: 101 trace lines, limit 100");
}

TEST(HeaderScanner, FirstOccurrenceOfAFieldCounts) {
    const HeaderFacts facts =
        scan("Message-ID: <a@x>\r\nMessage-ID: <b@x>\r\nFrom: one\r\nFrom: two\r\n\r\n");
    EXPECT_EQ(facts.message_id, "<a@x>");
    EXPECT_EQ(facts.from, "one");
}

TEST(HeaderScanner, EndsTheHeaderBeforeALineThatIsNoField) {
    const HeaderFacts facts = scan("Subject: a\r\nthis is text\r\nFrom: b\r\n\r\n");
    EXPECT_TRUE(facts.malformed);
    EXPECT_TRUE(facts.complete);
    EXPECT_EQ(facts.header_bytes, 12U);
    EXPECT_FALSE(facts.has_from);
    EXPECT_EQ(facts.subject, "a");
}

TEST(HeaderScanner, AcceptsWhatOldSoftwareWrites) {
    const HeaderFacts facts =
        scan("From adam Mon Jan 19 19:16:57 1998\r\nSubject : blank before the colon\r\n\r\n");
    EXPECT_FALSE(facts.malformed);
    EXPECT_EQ(facts.subject, "blank before the colon");
    EXPECT_EQ(scan("Subject: bare\nMessage-ID: <a@b>\n\n").message_id, "<a@b>");
    EXPECT_EQ(scan("Message-ID: no brackets\r\n\r\n").message_id, "no brackets");
}

TEST(HeaderScanner, KnowsMessagesWithoutHeaderOrBody) {
    EXPECT_EQ(scan("\r\nbody").header_bytes, 2U);
    EXPECT_TRUE(scan("").complete);
    const HeaderFacts cut = scan("Subject: no end");
    EXPECT_TRUE(cut.complete);
    EXPECT_EQ(cut.subject, "no end");
    EXPECT_EQ(cut.header_bytes, 15U);
    EXPECT_TRUE(scan("  starts with a blank\r\nFrom: x\r\n\r\n").malformed);
}

TEST(HeaderScanner, SeesEightBitBytesAndAutomaticMail) {
    EXPECT_TRUE(scan("Subject: gr\xC3\xBC\xC3\x9F\x65\r\n\r\n").has_eight_bit);
    EXPECT_TRUE(scan("Auto-Submitted: auto-replied\r\n\r\n").is_automatic);
    EXPECT_TRUE(scan("List-ID: <l.example>\r\n\r\n").is_automatic);
    EXPECT_FALSE(scan("Auto-Submitted: no (a person)\r\n\r\n").is_automatic);
}

TEST(HeaderScanner, RemembersNoMoreThanItsCeiling) {
    const ScannerSettings small = {{}, 100};
    std::size_t longest = 0;
    HeaderScanner scanner(small, [&](std::string_view, std::string_view value) {
        longest = std::max(longest, value.size());
    });
    const std::string long_line = "Subject: " + std::string(100000, 'x') + "\r\n";
    scanner.feed(long_line);
    for (int i = 0; i < 1000; ++i) scanner.feed(" folded on and on\r\n");
    for (int i = 0; i < 1000; ++i) scanner.feed("y");
    scanner.feed(":\r\nFrom: a@b\r\n\r\n");
    EXPECT_GE(longest, 91U);
    EXPECT_LE(longest, 100U);
    EXPECT_LE(scanner.facts().subject.size(), 100U);
    EXPECT_TRUE(scanner.facts().complete);
}

TEST(HeaderScanner, JudgesOverlongLinesAlikeHoweverTheyAreCut) {
    const ScannerSettings small = {{}, 20};
    const std::string text = "Subject: " + std::string(30, 'x') + "\r\n" + std::string(30, 'n') +
                             ": colon out of sight\r\nFrom: a\r\n\r\n";
    HeaderScanner whole(small);
    whole.feed(text);
    HeaderScanner pieces(small);
    for (const char c : text) pieces.feed({&c, 1});
    EXPECT_EQ(whole.facts().subject, pieces.facts().subject);
    EXPECT_EQ(whole.facts().header_bytes, pieces.facts().header_bytes);
    EXPECT_EQ(whole.facts().has_from, pieces.facts().has_from);
    EXPECT_EQ(whole.facts().malformed, pieces.facts().malformed);
}

TEST(HeaderScanner, CarriageReturnAtACutIsNotPartOfTheValue) {
    HeaderScanner scanner(settings);
    scanner.feed("Subject: a\r");
    scanner.feed("\nMessage-ID: <x@y>\r");
    scanner.feed("\n\r");
    EXPECT_TRUE(scanner.in_header());
    scanner.feed("\nbody");
    EXPECT_FALSE(scanner.in_header());
    EXPECT_EQ(scanner.facts().subject, "a");
    EXPECT_EQ(scanner.facts().message_id, "<x@y>");
}

}  // namespace
}  // namespace sluice::message
