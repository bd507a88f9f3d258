#include "log/sun_text.h"

#include <gtest/gtest.h>

#include "log/render.h"

namespace sluice::log {
namespace {

// 19-Jan-1998 19:16:57.64 UTC
const WallTime moment =
    WallTime(std::chrono::seconds(885237417)) + std::chrono::microseconds(649999);

std::string render_sun(const Event& event, const LogOptions& options, const TimeZone& zone) {
    std::string out;
    log::render_sun(out, event, options, zone);
    return out;
}

Event example(EventKind kind) {
    Event event;
    event.kind = kind;
    event.time = moment;
    event.source_channel = "l";
    event.destination_channel = kind == EventKind::enqueued ? "tcp_local" : "";
    event.bytes = 900;
    event.sender = "adam@sesta.com";
    event.original_recipient = "marlowe@siroe.com";
    event.recipient = "marlowe@siroe.com";
    return event;
}

TEST(SunText, EnqueueStandsInTheColumnsOfTheGuide) {
    EXPECT_EQ(
        render_sun(example(EventKind::enqueued), {}, TimeZone()),
        "19-Jan-1998 19:16:57.64 l            tcp_local    E 1 adam@sesta.com "
        "rfc822;marlowe@siroe.com marlowe@siroe.com"
    );
}

TEST(SunText, DequeueLeavesTheDestinationColumnBlank) {
    Event event = example(EventKind::dequeued);
    EXPECT_EQ(
        render_sun(event, {}, TimeZone()),
        "19-Jan-1998 19:16:57.64 l                         D 1 adam@sesta.com "
        "rfc822;marlowe@siroe.com marlowe@siroe.com"
    );
    event.source_channel = "conversion";
    EXPECT_EQ(
        render_sun(event, {}, TimeZone()).substr(0, 53),
        "19-Jan-1998 19:16:57.64 conversion                D 1"
    );
}

TEST(SunText, LongChannelNamesPushTheRestRight) {
    Event event = example(EventKind::enqueued);
    event.source_channel = "tcp_internal1";
    EXPECT_EQ(
        render_sun(event, {}, TimeZone()).substr(0, 56),
        "19-Jan-1998 19:16:57.64 tcp_internal1 tcp_local    E 1 a"
    );
}

TEST(SunText, TimeIsLocalPaddedAndTruncated) {
    EXPECT_EQ(sun_time(moment, TimeZone()), "19-Jan-1998 19:16:57.64");
    const auto west = TimeZone::fixed(std::chrono::hours(-8));
    EXPECT_EQ(sun_time(WallTime(std::chrono::seconds(886580789)), west), "04-Feb-1998 00:26:29.00");
}

std::string tail(const Event& event, const LogOptions& options) {
    const std::string line = render_sun(event, options, TimeZone());
    return line.substr(line.find("marlowe@siroe.com marlowe@siroe.com") + 35);
}

Event full() {
    Event event = example(EventKind::returned);
    event.notary_flags = 20;
    event.file_name = "/q/f.00";
    event.envelope_id = "eid";
    event.message_id = "<m@x>";
    event.username = "*adam";
    event.sensitivity = 2;
    event.priority = 3;
    event.intermediate_recipient = "inter@x";
    event.initial_recipient = "init@x";
    event.filter = "fileinto";
    event.reason = "expired";
    event.remote_host = "rm.x";
    event.diagnostic = "a b";
    event.transport =
        Transport{{*IpAddress::parse("192.0.2.1"), 5}, {*IpAddress::parse("192.0.2.2"), 25}};
    event.application = "SMTP/a/b";
    event.queue_time = std::chrono::seconds(77);
    return event;
}

LogOptions everything() {
    LogOptions options;
    options.connection = 1 + 2 + 32 + 64;
    options.intermediate = options.reason = options.remote_mta = 1;
    options.envelope_id = options.filename = options.filter = options.message_id = true;
    options.notary = options.priority = options.queue_time = options.sensitivity = true;
    options.username = true;
    return options;
}

TEST(SunText, OptionalFieldsStandInTheirOrder) {
    EXPECT_EQ(
        tail(full(), everything()),
        " 20 /q/f.00 eid <m@x> *adam rm.x 2 3 inter@x init@x fileinto expired a b rm.x "
        "TCP|192.0.2.1|5|192.0.2.2|25 SMTP/a/b 77"
    );
}

TEST(SunText, EmptyFieldsInTheMiddleKeepTheirPlace) {
    Event event = example(EventKind::returned);
    LogOptions options;
    options.filename = options.message_id = options.queue_time = true;
    EXPECT_EQ(tail(event, options), "    0");
    options.queue_time = false;
    EXPECT_EQ(tail(event, options), "") << "no blanks at the end";
    options.diagnostics = 0;
    event.diagnostic = "hidden";
    EXPECT_EQ(tail(event, options), "");
}

TEST(SunText, ReasonStandsInRejectionsOnly) {
    LogOptions options;
    options.reason = 1;
    Event event = example(EventKind::deferred);
    event.reason = "why";
    EXPECT_EQ(tail(event, options), "");
    event.kind = EventKind::discarded;
    EXPECT_EQ(tail(event, options), " why");
}

TEST(SunText, FormatTwoMarksEmptyAddresses) {
    Event event = example(EventKind::dequeued);
    event.sender.clear();
    event.original_recipient.clear();
    LogOptions options;
    options.format = 2;
    EXPECT_TRUE(
        render_sun(event, options, TimeZone()).ends_with(" D 1 <> rfc822;<> marlowe@siroe.com")
    );
}

TEST(SunText, FormatThreeCountsItsFields) {
    LogOptions options = everything();
    options.format = 3;
    Event event = full();
    event.sender.clear();
    const std::string line = render_sun(event, options, TimeZone());
    EXPECT_TRUE(line.ends_with(
        " R 1 0: 24:rfc822;marlowe@siroe.com 17:marlowe@siroe.com 20 7:/q/f.00 3:eid 5:<m@x> "
        "5:*adam 4:rm.x 2 3 7:inter@x 6:init@x 8:fileinto 7:expired 3:a b 4:rm.x "
        "28:TCP|192.0.2.1|5|192.0.2.2|25 8:SMTP/a/b 77"
    )) << line;
}

struct CodeCase {
    EventKind kind;
    Modifiers modifiers;
    bool all;
    const char* code;
};
class Code : public testing::TestWithParam<CodeCase> {};
TEST_P(Code, ShowsModifiersInCanonicalOrder) {
    Event event = example(GetParam().kind);
    event.modifiers = GetParam().modifiers;
    LogOptions options;
    options.modifiers = GetParam().all;
    const std::string line = render_sun(event, options, TimeZone());
    EXPECT_EQ(line.substr(50, line.find(' ', 50) - 50), GetParam().code);
}
constexpr Modifiers all_of_them = {true, true, true, true, true, true, true};
INSTANTIATE_TEST_SUITE_P(
    Codes,
    Code,
    testing::Values(
        CodeCase{EventKind::enqueued, {}, false, "E"},
        CodeCase{EventKind::enqueued, all_of_them, false, "ESA"},
        CodeCase{EventKind::dequeued, {.tls = true}, false, "DS"},
        CodeCase{EventKind::bad_command, {.authenticated = true}, false, "BA"},
        CodeCase{EventKind::enqueue_refused, all_of_them, false, "J"},
        CodeCase{EventKind::deferred, all_of_them, false, "Q"},
        CodeCase{EventKind::enqueued, all_of_them, true, "EESACLPU"},
        CodeCase{EventKind::enqueued, {.esmtp = true, .chunking = true}, true, "EEC"},
        CodeCase{EventKind::enqueue_refused, {.tls = true}, true, "JS"}
    )
);

struct LetterCase {
    EventKind kind;
    char letter;
    bool connection;
};
class Letter : public testing::TestWithParam<LetterCase> {};
TEST_P(Letter, BelongsToItsKind) {
    EXPECT_EQ(entry_letter(GetParam().kind), GetParam().letter);
    EXPECT_EQ(is_connection_entry(GetParam().kind), GetParam().connection);
}
INSTANTIATE_TEST_SUITE_P(
    Letters,
    Letter,
    testing::Values(
        LetterCase{EventKind::bad_command, 'B', false},
        LetterCase{EventKind::dequeued, 'D', false},
        LetterCase{EventKind::enqueued, 'E', false},
        LetterCase{EventKind::held, 'H', false},
        LetterCase{EventKind::enqueue_refused, 'J', false},
        LetterCase{EventKind::discarded, 'K', false},
        LetterCase{EventKind::deferred, 'Q', false},
        LetterCase{EventKind::returned, 'R', false},
        LetterCase{EventKind::aborted, 'V', false},
        LetterCase{EventKind::warned, 'W', false},
        LetterCase{EventKind::requeued, 'Z', false},
        LetterCase{EventKind::connection_opened, 'O', true},
        LetterCase{EventKind::connection_closed, 'C', true},
        LetterCase{EventKind::connection_refused, 'X', true},
        LetterCase{EventKind::connection_failed, 'Y', true},
        LetterCase{EventKind::etrn, 'I', true},
        LetterCase{EventKind::authentication, 'U', true},
        LetterCase{EventKind::connection_tagged, 'T', true},
        LetterCase{EventKind::header_line, '\0', false},
        LetterCase{EventKind::delivery_started, '\0', false}
    )
);

TEST(SunText, BadCommandStandsInTheRecipientsPlace) {
    Event event = example(EventKind::bad_command);
    event.sender.clear();
    event.original_recipient.clear();
    event.command = "AUTH PLAIN AGFkYW0Ac2VjcmV0";
    event.diagnostic = "503 5.5.1 no";
    const std::string line = render_sun(event, {}, TimeZone());
    EXPECT_TRUE(line.ends_with(" B 0  rfc822; AUTH PLAIN 503 5.5.1 no")) << line;
}

TEST(SunText, AuthenticationNamesItsUser) {
    Event event = example(EventKind::authentication);
    event.username = "*adam";
    event.application = "SMTP";
    event.message_info = "Bad password";
    event.diagnostic = "535 5.7.8 no";
    const std::string start = "19-Jan-1998 19:16:57.64 l            +            U  SMTP";
    EXPECT_EQ(render_sun(event, {}, TimeZone()), start + " *adam 535 5.7.8 no");
    LogOptions options;
    options.message_id = true;
    EXPECT_EQ(render_sun(event, options, TimeZone()), start + " Bad password *adam 535 5.7.8 no");
}

TEST(SunText, PortAccessTextFollowsTheDiagnostic) {
    Event event = example(EventKind::connection_closed);
    event.diagnostic = "closed";
    event.access_text = "by rule 7";
    LogOptions options;
    EXPECT_TRUE(render_sun(event, options, TimeZone()).ends_with(" closed"));
    options.connection = connection_bit::access_text;
    EXPECT_TRUE(render_sun(event, options, TimeZone()).ends_with(" closed by rule 7"));
}

TEST(SunText, LocalAddressesGetTheHostWhereAskedFor) {
    Event event = example(EventKind::dequeued);
    event.sender = "adam";
    event.original_recipient = "bob";
    event.recipient = "*";
    LogOptions options;
    options.local = true;
    options.local_host = "sesta.com";
    EXPECT_TRUE(
        render_sun(event, options, TimeZone()).ends_with(" adam@sesta.com rfc822;bob@sesta.com *")
    );
}

TEST(SunText, SizeIsInBlocksRoundedUp) {
    const auto size = [](std::uint64_t bytes, std::uint64_t block) {
        Event event = example(EventKind::dequeued);
        event.bytes = bytes;
        LogOptions options;
        options.block_size = block;
        const std::string line = render_sun(event, options, TimeZone());
        return line.substr(52, line.find(' ', 52) - 52);
    };
    EXPECT_EQ(size(0, 1024), "0");
    EXPECT_EQ(size(1024, 1024), "1");
    EXPECT_EQ(size(1025, 1024), "2");
    EXPECT_EQ(size(5, 0), "5") << "an impossible block size is taken for 1";
}

TEST(SunText, SessionAndTimingStandLast) {
    LogOptions options;
    options.queue_time = options.session = options.timing = true;
    Event event = example(EventKind::dequeued);
    event.diagnostic = "smtp;250 ok";
    event.queue_time = std::chrono::seconds(3);
    event.session = 17;
    event.session_time = std::chrono::milliseconds(5000);
    event.transaction_time = std::chrono::milliseconds(40);
    event.delivery_time = std::chrono::milliseconds(1234);
    EXPECT_TRUE(render_sun(event, options, TimeZone()).ends_with(" smtp;250 ok 3 17 1234"));
    event.kind = EventKind::enqueued;
    EXPECT_TRUE(render_sun(event, options, TimeZone()).ends_with(" 3 17 40"));
    event.kind = EventKind::connection_closed;
    event.application = "SMTP";
    event.session_messages = 3;
    event.session_bytes = 40960;
    EXPECT_TRUE(
        render_sun(event, options, TimeZone()).ends_with(" SMTP smtp;250 ok 17/3/40960 5000")
    );
}

TEST(SunText, HeaderLineStandsAlone) {
    Event event = example(EventKind::header_line);
    event.header_line = "Subject: a\nb";
    EXPECT_EQ(render_sun(event, {}, TimeZone()), "19-Jan-1998 19:16:57.64 Subject: a\\x0ab");
}

// Everything a peer can send, in every field at once.
TEST(SunText, HostilePeersNeverBreakALine) {
    using namespace std::string_literals;
    const std::string evil =
        "x>\r\n19-Jan-1998 19:16:57.64 l D 1 \n\x1b[2J \"\xFF\t\0z"s + std::string(20000, 'y');
    for (int kind = 0; kind <= static_cast<int>(EventKind::message_gone); ++kind) {
        Event event = full();
        event.kind = static_cast<EventKind>(kind);
        event.modifiers = all_of_them;
        for (std::string* field :
             {&event.node,
              &event.source_channel,
              &event.destination_channel,
              &event.sender,
              &event.original_recipient_type,
              &event.original_recipient,
              &event.recipient,
              &event.intermediate_recipient,
              &event.initial_recipient,
              &event.file_name,
              &event.envelope_id,
              &event.message_id,
              &event.original_message_id,
              &event.username,
              &event.filter,
              &event.reason,
              &event.header_line,
              &event.source.name,
              &event.source.reverse_name,
              &event.application,
              &event.remote_host,
              &event.command,
              &event.message_info,
              &event.access_text,
              &event.diagnostic,
              &event.remote_text}) {
            *field = evil;
        }
        LogOptions options = everything();
        options.node = options.process = options.modifiers = options.local = true;
        options.connection = 255;
        for (options.format = 1; options.format <= 3; ++options.format) {
            const std::string line = render_sun(event, options, TimeZone());
            EXPECT_LE(line.size(), 8192U + 3U);
            for (const char c : line) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
        }
    }
}

TEST(SunText, ForgedFieldsStayInTheirField) {
    Event event = example(EventKind::enqueued);
    event.sender = "a@b rfc822;forged@x forged@x";
    event.message_id = "<m@x> forged";
    event.source = {"helo forged", "", IpAddress::parse("192.0.2.1")};
    LogOptions options;
    options.message_id = true;
    options.connection = connection_bit::information;
    const std::string line = render_sun(event, options, TimeZone());
    EXPECT_TRUE(line.ends_with(
        " E 1 a@b\\x20rfc822;forged@x\\x20forged@x rfc822;marlowe@siroe.com marlowe@siroe.com "
        "<m@x> helo\\x20forged ([192.0.2.1])"
    )) << line;
}

struct KeywordCase {
    EventKind kind;
    bool source, destination, logged;
};
class LoggingKeyword : public testing::TestWithParam<KeywordCase> {};
TEST_P(LoggingKeyword, OfTheRightChannelDecides) {
    Event event;
    event.kind = GetParam().kind;
    EXPECT_EQ(is_logged(event, GetParam().source, GetParam().destination), GetParam().logged);
}
INSTANTIATE_TEST_SUITE_P(
    Keywords,
    LoggingKeyword,
    testing::Values(
        KeywordCase{EventKind::enqueued, true, false, true},
        KeywordCase{EventKind::enqueued, false, true, true},
        KeywordCase{EventKind::enqueued, false, false, false},
        KeywordCase{EventKind::dequeued, false, true, false},
        KeywordCase{EventKind::dequeued, true, false, true},
        KeywordCase{EventKind::enqueue_refused, false, true, false},
        KeywordCase{EventKind::connection_opened, true, false, true}
    )
);

struct WantedCase {
    EventKind kind;
    unsigned mask;
    bool wanted;
};
class Wanted : public testing::TestWithParam<WantedCase> {};
TEST_P(Wanted, FollowsTheConnectionMask) {
    Event event;
    event.kind = GetParam().kind;
    LogOptions options;
    options.connection = GetParam().mask;
    EXPECT_EQ(is_wanted(event.kind, options), GetParam().wanted);
}
INSTANTIATE_TEST_SUITE_P(
    Masks,
    Wanted,
    testing::Values(
        WantedCase{EventKind::enqueued, 0, true},
        WantedCase{EventKind::connection_opened, 1, false},
        WantedCase{EventKind::connection_opened, 2, true},
        WantedCase{EventKind::connection_failed, 2, true},
        WantedCase{EventKind::connection_tagged, 2, true},
        WantedCase{EventKind::etrn, 3, false},
        WantedCase{EventKind::etrn, 4, true},
        WantedCase{EventKind::authentication, 7, false},
        WantedCase{EventKind::authentication, 128, true},
        WantedCase{EventKind::held, 255, false},
        WantedCase{EventKind::header_line, 0, true},
        WantedCase{EventKind::message_gone, 255, false}
    )
);

}  // namespace
}  // namespace sluice::log
