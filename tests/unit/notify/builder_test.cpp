#include "notify/builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "base/file.h"

namespace sluice::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view letter =
    "Date: Mon, 19 Jan 1998 19:16:49 -0800\r\n"
    "From: Adam <adam@sesta.com>\r\n"
    "To: user@very.bogus.com\r\n"
    "Subject: hello\r\n"
    "Message-ID: <01ISKP0RYMAS94DU0K@SESTA.COM>\r\n"
    "\r\n"
    "line one\r\n"
    "line two\r\n"
    "line three\r\n";

ContentSource source_of(std::string text, std::size_t chunk = 17) {
    return [text = std::move(text), chunk](const PieceSink& sink) -> Result<void> {
        for (std::size_t i = 0; i < text.size(); i += chunk) {
            if (!sink(std::string_view(text).substr(i, chunk))) break;
        }
        return {};
    };
}

Notice sample(NoticeKind kind = NoticeKind::failed) {
    Notice notice;
    notice.kind = kind;
    notice.original.sender = "adam@sesta.com";
    notice.original.message_id = "<01ISKP0RYMAS94DU0K@SESTA.COM>";
    notice.original.arrival = WallTime(std::chrono::seconds(885242944));
    notice.original.bytes = letter.size();
    notice.original.content = source_of(std::string(letter));
    notice.to = "adam@sesta.com";
    notice.message_id = "<01ISKP22MW8894DTAS@SESTA.COM>";
    notice.boundary_seed = "0123456789abcdefghijkl";
    notice.now = WallTime(std::chrono::seconds(885242973));
    notice.units_queued = 3;
    notice.units_left = 9;
    notice.units_total = 12;
    NoticeRecipient recipient;
    recipient.final_address = "user@very.bogus.com";
    notice.recipients.push_back(recipient);
    return notice;
}

NoticeSettings settings() {
    NoticeSettings out;
    out.reporting_mta = "mta.sesta.com";
    out.from_address = "postmaster@sesta.com";
    return out;
}

struct Built {
    std::string bytes;
    BuiltNotice facts;
    std::string parsed;  // what the independent parser says
    bool sound = false;
};

// Builds, and checks what needs no parser.
Built build_only(const Notice& notice, const NoticeSettings& with = settings()) {
    Built out;
    auto result =
        build_notice(notice, with, TimeZone(), [&](std::string_view piece) { out.bytes += piece; });
    EXPECT_TRUE(result.has_value());
    if (!result) return out;
    out.facts = *result;
    EXPECT_EQ(out.facts.bytes, out.bytes.size());
    std::size_t line = 0;
    for (std::size_t i = 0; i < out.bytes.size(); ++i) {
        const bool cr = out.bytes[i] == '\r';
        const bool lf = i + 1 < out.bytes.size() && out.bytes[i + 1] == '\n';
        EXPECT_EQ(cr, lf) << "bare line end at " << i;
        line = cr || out.bytes[i] == '\n' ? 0 : line + 1;
        EXPECT_LE(line, 998U);
    }
    EXPECT_TRUE(out.bytes.ends_with("--\r\n"));
    return out;
}

// Builds, and lets an independent parser read the result.
Built build(const Notice& notice, const NoticeSettings& with = settings()) {
    Built out = build_only(notice, with);
    const std::string path = testing::TempDir() + "sluice-dsn-" + std::to_string(::getpid());
    std::ofstream(path, std::ios::binary) << out.bytes;
    const std::string command =
        "python3 -I -S '" SLUICE_SOURCE_DIR "/tests/unit/notify/check_dsn.py' '" + path + "' 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        out.parsed.append(buffer.data(), count);
    }
    out.sound = ::pclose(pipe) == 0;
    std::remove(path.c_str());
    EXPECT_TRUE(out.sound) << out.parsed << out.bytes;
    return out;
}

TEST(Notification, OfANonexistentDomainSaysWhatHappened) {
    Notice notice = sample();
    notice.recipients[0].status = StatusCode{5, 1, 2};
    notice.recipients[0].reason = "Illegal host/domain name found";
    const Built built = build(notice);
    EXPECT_EQ(built.facts.message_id, "<01ISKP22MW8894DTAS@SESTA.COM>");
    EXPECT_EQ(built.facts.returned, Returned::full);
    EXPECT_FALSE(built.facts.eight_bit);
    EXPECT_FALSE(built.facts.smtputf8);
    for (const char* fact :
         {"from: Internet Mail Delivery <postmaster@sesta.com>\n", "to: adam@sesta.com\n",
          "subject: Delivery Notification: Delivery has failed\n",
          "in-reply-to: <01ISKP0RYMAS94DU0K@SESTA.COM>\n",
          "types: text/plain message/delivery-status message/rfc822\n",
          "Recipient address: user@very.bogus.com Reason: Illegal host/domain name found",
          "group 0: Reporting-MTA: dns;mta.sesta.com\n",
          "group 0: Arrival-Date: Mon, 19 Jan 1998 20:49:04 +0000\n",
          "group 1: Final-Recipient: rfc822;user@very.bogus.com\n", "group 1: Action: failed\n",
          "group 1: Status: 5.1.2\n", "original subject: hello\n", "original body lines: 3\n"}) {
        EXPECT_THAT(built.parsed, HasSubstr(fact));
    }
    EXPECT_THAT(built.parsed, Not(HasSubstr("Original-Envelope-Id")));
    EXPECT_THAT(built.bytes, HasSubstr("Auto-Submitted: auto-replied\r\n"));
}

TEST(Notification, OfARemoteRefusalQuotesTheReply) {
    Notice notice = sample();
    notice.original.envelope_id = "QQ314159";
    notice.original.received_from = "client.sesta.com";
    NoticeRecipient& recipient = notice.recipients[0];
    recipient.original_address = "nick@siroe.com";
    recipient.remote_host = "thor.siroe.com";
    recipient.diagnostic = "550-5.1.1 no such\r\n550 5.1.1 user";
    recipient.last_attempt = notice.now;
    NoticeRecipient second;
    second.final_address = "b@siroe.com";
    second.diagnostic = "553 unknown or illegal user: b@siroe.com";
    notice.recipients.push_back(second);
    const Built built = build(notice);
    for (const char* fact :
         {"group 0: Original-Envelope-Id: QQ314159\n",
          "group 0: Received-From-MTA: dns;client.sesta.com\n",
          "group 1: Original-Recipient: rfc822;nick@siroe.com\n",
          "group 1: Remote-MTA: dns;thor.siroe.com\n", "group 1: Status: 5.1.1\n",
          "group 1: Diagnostic-Code: smtp;550-5.1.1 no such  550 5.1.1 user\n",
          "group 1: Last-Attempt-Date: Mon, 19 Jan 1998 20:49:33 +0000\n",
          "group 2: Status: 5.0.0\n", "Original address: nick@siroe.com"}) {
        EXPECT_THAT(built.parsed, HasSubstr(fact));
    }
}

struct KindCase {
    NoticeKind kind;
    const char* action;
    const char* status;
    const char* text;
    Returned returned;
};
class EveryKind : public testing::TestWithParam<KindCase> {};
TEST_P(EveryKind, IsASoundReport) {
    Notice notice = sample(GetParam().kind);
    notice.recipients[0].will_retry_until = notice.now;
    const Built built = build(notice);
    EXPECT_THAT(built.parsed, HasSubstr(std::string("Action: ") + GetParam().action + "\n"));
    EXPECT_THAT(built.parsed, HasSubstr(std::string("Status: ") + GetParam().status + "\n"));
    EXPECT_THAT(built.parsed, HasSubstr(GetParam().text));
    EXPECT_THAT(built.parsed, HasSubstr("user@very.bogus.com"));
    EXPECT_EQ(built.facts.returned, GetParam().returned);
    EXPECT_EQ(
        built.parsed.find("Will-Retry-Until") != std::string::npos, is_warning(GetParam().kind)
    );
}
INSTANTIATE_TEST_SUITE_P(
    Kinds,
    EveryKind,
    testing::Values(
        KindCase{NoticeKind::failed, "failed", "5.0.0", "could not be delivered", Returned::full},
        KindCase{NoticeKind::bounced, "failed", "5.0.0", "postmaster", Returned::full},
        KindCase{
            NoticeKind::timed_out, "failed", "5.4.7", "waiting here for 3 days", Returned::full},
        KindCase{
            NoticeKind::delayed, "delayed", "4.4.7", "tried for 9 more days", Returned::sample},
        KindCase{NoticeKind::deferred, "delayed", "4.0.0", "on purpose", Returned::sample},
        KindCase{NoticeKind::delivered, "delivered", "2.0.0", "was delivered", Returned::headers},
        KindCase{NoticeKind::relayed, "relayed", "2.0.0", "passed to another", Returned::headers},
        KindCase{NoticeKind::expanded, "expanded", "2.0.0", "lists", Returned::headers}
    )
);

TEST(Notification, ReturnsAsMuchAsAskedForAndAllowed) {
    Notice notice = sample();
    notice.original.ret = ReturnRequest::headers;
    Built built = build(notice);
    EXPECT_THAT(
        built.parsed, HasSubstr("types: text/plain message/delivery-status text/rfc822-headers")
    );
    EXPECT_THAT(built.parsed, HasSubstr("original subject: hello\n"));
    EXPECT_THAT(built.bytes, Not(HasSubstr("line one")));

    notice = sample(NoticeKind::delayed);
    NoticeSettings two_lines = settings();
    two_lines.lines_to_return = 2;
    built = build(notice, two_lines);
    EXPECT_THAT(built.parsed, HasSubstr("original body lines: 2\n"));
    two_lines.lines_to_return = 0;
    EXPECT_EQ(build(notice, two_lines).facts.returned, Returned::headers);

    notice = sample();
    notice.original.no_content = true;
    built = build(notice);
    EXPECT_EQ(built.facts.returned, Returned::nothing);
    EXPECT_THAT(built.parsed, HasSubstr("types: text/plain message/delivery-status\n"));
}

TEST(Notification, LargeMessagesGoBackAsHeaders) {
    Notice notice = sample();
    notice.original.ret = ReturnRequest::full;
    notice.original.bytes = 10 * 1024 + 1;
    NoticeSettings limited = settings();
    limited.bounce_block_limit = 10;
    EXPECT_EQ(build_only(notice, limited).facts.returned, Returned::headers);
    notice.original.bytes = 10 * 1024;
    EXPECT_EQ(build_only(notice, limited).facts.returned, Returned::full);
    limited.content_return_block_limit = 9;
    EXPECT_EQ(build_only(notice, limited).facts.returned, Returned::headers);
    EXPECT_EQ(choose_returned(NoticeKind::failed, notice.original, settings()), Returned::full);
}

TEST(Notification, EightBitOriginalsAreLabelled) {
    Notice notice = sample();
    notice.original.content = source_of("Subject: x\r\n\r\ngr\xC3\xBC\xC3\x9F\x65 \xFF\r\n");
    Built built = build(notice);
    EXPECT_TRUE(built.facts.eight_bit);
    EXPECT_FALSE(built.facts.smtputf8);
    notice.original.ret = ReturnRequest::headers;
    EXPECT_FALSE(build(notice).facts.eight_bit);
    notice.original.content = source_of("Subject: gr\xC3\xBC\xC3\x9F\x65\r\n\r\nx\r\n");
    EXPECT_TRUE(build(notice).facts.eight_bit);
    notice.original.smtputf8 = true;
    built = build(notice);
    EXPECT_TRUE(built.facts.smtputf8);
    EXPECT_THAT(built.parsed, HasSubstr("message/global-headers"));
}

TEST(Notification, OriginalsUnfitForMailGoBackAsHeaders) {
    Notice notice = sample();
    notice.original.content =
        source_of("Subject: x\r\nX-Long: " + std::string(3000, 'h') + "\r\n\r\nb\r\n");
    EXPECT_EQ(build(notice).facts.returned, Returned::headers);
    notice.original.content = source_of("Subject: x\r\n\r\n" + std::string(999, 'b') + "\r\n");
    EXPECT_EQ(build_only(notice).facts.returned, Returned::headers);
    notice.original.content = source_of("Subject: x\r\n\r\n" + std::string(998, 'b') + "\r\n");
    EXPECT_EQ(build_only(notice).facts.returned, Returned::full);
    notice.original.content = source_of(std::string("Subject: x\r\n\r\na\0b\r\n", 19));
    EXPECT_EQ(build_only(notice).facts.returned, Returned::headers);
}

TEST(Notification, NeverWritesBareLineEnds) {
    Notice notice = sample();
    for (const char* content :
         {"Subject: x\n\nunix\n", "Subject: x\r\n\r\nbare\rreturn\r\n", "Subject: x\r\n\r\nno end",
          "Subject: x\r\n\r\nends in CR\r", "Subject: header only", "", "\r\n",
          "no header at all"}) {
        for (const std::size_t chunk : {1UL, 2UL, 100UL}) {
            notice.original.content = source_of(content, chunk);
            build_only(notice);
        }
        build(notice);
    }
}

TEST(Notification, BoundaryIsNeverPartOfTheOriginal) {
    const Built first = build(sample());
    const std::size_t at = first.bytes.find("boundary=\"") + 10;
    const std::string boundary = first.bytes.substr(at, first.bytes.find('"', at) - at);
    Notice notice = sample();
    for (const std::size_t chunk : {1UL, 5UL, 1000UL}) {
        notice.original.content =
            source_of("Subject: x\r\n\r\na\r\n--" + boundary + "--\r\nforged\r\n", chunk);
        const Built second = build(notice);
        EXPECT_THAT(second.bytes, HasSubstr("forged"));
        EXPECT_THAT(second.parsed, HasSubstr("original body lines: 3"));
    }
}

TEST(Notification, HostileTextsCannotForgeFields) {
    Notice notice = sample();
    notice.to = "a@b>\r\nBcc: <\\all\"@x";
    notice.original.message_id = "<x@y>\r\nX-Forged: 1";
    notice.original.envelope_id = "e\r\n\r\nFinal-Recipient: rfc822;forged";
    NoticeRecipient& recipient = notice.recipients[0];
    recipient.final_address = "u@x\r\nAction: delivered";
    recipient.remote_host = "h\nStatus: 2.0.0";
    recipient.diagnostic = "550 no\r\n\r\n--0123456789abcdefghijkl\r\n \xC3\x28 \x1b[2J";
    recipient.reason = std::string(5000, 'r');
    const Built built = build(notice);
    EXPECT_THAT(built.parsed, Not(HasSubstr("X-Forged:")));
    EXPECT_THAT(built.parsed, Not(HasSubstr("\ngroup 1: Action: delivered")));
    EXPECT_THAT(built.parsed, Not(HasSubstr("group 2")));
    EXPECT_EQ(built.bytes.find("\r\nBcc:"), std::string::npos);
    EXPECT_EQ(built.bytes.find('\x1b'), std::string::npos);
}

TEST(Notification, AddressesBeyondAsciiTakeTheirSevenBitForm) {
    Notice notice = sample();
    notice.recipients[0].final_address = "gr\xC3\xBC\xC3\x9F\x65@b\xC3\xBC\x63her.example";
    const Built built = build(notice);
    EXPECT_THAT(
        built.parsed, HasSubstr("Final-Recipient: utf-8;gr\\x{FC}\\x{DF}e@b\\x{FC}cher.example")
    );
    EXPECT_TRUE(built.facts.eight_bit);  // the text part shows the address as it is
}

TEST(Notification, LongAddressesAreCutBetweenEscapes) {
    Notice notice = sample();
    std::string local;
    for (int i = 0; i < 400; ++i) local += "\xC3\xBC";
    notice.recipients[0].final_address = local + "@b.example";
    std::string escapes;
    for (int i = 0; i < 150; ++i) escapes += "\\x{FC}";
    const Built built = build(notice);
    EXPECT_THAT(built.parsed, HasSubstr("Final-Recipient: utf-8;" + escapes + "\n"));
}

TEST(Notification, FinalAddressIsHiddenWhereAskedFor) {
    Notice notice = sample();
    notice.recipients[0].original_address = "public@sesta.com";
    notice.recipients[0].final_address = "secret@inside.sesta.com";
    NoticeSettings hidden = settings();
    hidden.show_final_address = false;
    const Built built = build(notice, hidden);
    EXPECT_THAT(built.bytes, Not(HasSubstr("secret")));
    EXPECT_THAT(built.parsed, HasSubstr("Final-Recipient: rfc822;public@sesta.com"));
}

TEST(Notification, ShowsTheNewestOfTheHistory) {
    Notice notice = sample(NoticeKind::timed_out);
    for (int i = 0; i < 30; ++i) {
        notice.history.push_back({notice.now, "attempt number " + std::to_string(i) + ";"});
    }
    NoticeSettings with = settings();
    with.history_to_return = 2;
    Built built = build(notice, with);
    EXPECT_THAT(built.parsed, HasSubstr("attempt number 28;"));
    EXPECT_THAT(built.parsed, HasSubstr("attempt number 29;"));
    EXPECT_THAT(built.parsed, Not(HasSubstr("attempt number 27;")));
    with.delivery_history = false;
    EXPECT_THAT(build(notice, with).parsed, Not(HasSubstr("attempt number")));
}

TEST(Notification, EncodesThePhraseOfItsSender) {
    NoticeSettings with = settings();
    with.from_personal = "Zustelldienst f\xC3\xBCr Post (Haupt-\xC3\x84mter)";
    EXPECT_THAT(
        build(sample(), with).parsed,
        HasSubstr(
            "from: \"Zustelldienst f\xC3\xBCr Post (Haupt-\xC3\x84mter)\" <postmaster@sesta.com>"
        )
    );
}

TEST(Notification, UnreadableOriginalIsATemporaryError) {
    Notice notice = sample();
    notice.original.content = [](const PieceSink&) -> Result<void> {
        return Error::from_errno(EIO, "read queue file");
    };
    const auto result = build_notice(notice, settings(), TimeZone(), [](std::string_view) {});
    ASSERT_FALSE(result.has_value());
    EXPECT_FALSE(result.error().is_permanent());
}

}  // namespace
}  // namespace sluice::notify
