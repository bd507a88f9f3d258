#include "postoffice_log/render.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "postoffice_log/entries.h"
#include "postoffice_log/text.h"

namespace sluice::postoffice_log {
namespace {

using log::Cause;
using log::DeliveryClass;
using log::Event;
using log::EventKind;
using std::chrono::seconds;
using namespace std::string_literals;

/// A moment given as the log shows it, in the zone that is `hours` east.
WallTime at(const char* digits, int hours) {
    int y = 0;
    unsigned m = 0, d = 0, h = 0, min = 0, s = 0;
    std::sscanf(digits, "%4d%2u%2u%2u%2u%2u", &y, &m, &d, &h, &min, &s);
    using namespace std::chrono;
    return WallTime(
        sys_days(year(y) / month(m) / day(d)) + std::chrono::hours(h) + minutes(min) +
        std::chrono::seconds(s) - std::chrono::hours(hours)
    );
}

RenderOptions pacific(int hours = -8, const char* host = "fido.software.com") {
    RenderOptions options;
    options.host = host;
    options.zone = TimeZone::fixed(std::chrono::hours(hours));
    return options;
}

Event session_event(EventKind kind, const char* when, const char* ip, int hours = -8) {
    Event event;
    event.kind = kind;
    event.time = at(when, hours);
    event.transport =
        log::Transport{{*IpAddress::parse("10.2.21.1"), 25}, {*IpAddress::parse(ip), 4000}};
    return event;
}

std::string rendered(const std::vector<Event>& events, const RenderOptions& options = pacific()) {
    std::string out;
    render(out, events, options);
    return out;
}
std::string rendered(const Event& event, const RenderOptions& options = pacific()) {
    return rendered(std::vector<Event>{event}, options);
}
// postoffice-and-qmail-features.md section 8.5
TEST(PostOffice, SaysHowASessionBeganAndEnded) {
    EXPECT_EQ(
        rendered(session_event(EventKind::connection_opened, "19970226001320", "10.2.21.3")),
        "19970226001320-0800:SMTP-Accept:Connect:[10.2.21.3]\n"
    );
    Event closed = session_event(EventKind::connection_closed, "19970226001321", "10.2.21.3");
    closed.session_time = std::chrono::milliseconds(1200);
    closed.session_messages = 1;
    closed.session_bytes = 6569;
    EXPECT_EQ(rendered(closed), "19970226001321-0800:SMTP-Accept:Close:[10.2.21.3]:1:1:6569\n");

    closed = session_event(EventKind::connection_closed, "19971118001632", "10.2.85.88");
    closed.cause = Cause::aborted;
    closed.session_time = seconds(11);
    closed.session_bytes = 6;
    EXPECT_EQ(rendered(closed), "19971118001632-0800:SMTP-Accept:Abort:[10.2.85.88]:11:0:6\n");
    closed.cause = Cause::timeout;
    closed.session_time = seconds(602);
    EXPECT_EQ(rendered(closed), "19971118001632-0800:SMTP-Accept:Timeout:[10.2.85.88]:602:0:6\n");
    EXPECT_EQ(
        rendered(
            session_event(EventKind::connection_refused, "19970425164342", "12.45.6.78", -7),
            pacific(-7)
        ),
        "19970425164342-0700:SMTP-Accept:ConnectionRefused:[12.45.6.78]\n"
    );
    EXPECT_EQ(
        rendered(session_event(EventKind::connection_opened, "19970226001320", "2001:db8::1")),
        "19970226001320-0800:SMTP-Accept:Connect:[IPv6:2001:db8::1]\n"
    );
}

TEST(PostOffice, TellsOfOwnTroubleOnceForAMessage) {
    Event refused = session_event(EventKind::enqueue_refused, "19971118004203", "10.2.85.88");
    refused.diagnostic = "452 4.3.1 insufficient system storage";
    EXPECT_EQ(rendered(refused), "") << "a refusal like others";
    refused.cause = Cause::limit;
    std::vector<Event> events(3, refused);
    events[1].recipient = "another@example.com";
    events[2].session = refused.session + 1;
    const std::string line =
        "19971118004203-0800:SMTP-Accept:System:452 4.3.1 insufficient system storage\n";
    EXPECT_EQ(rendered(events), line + line);
}

TEST(PostOffice, AlertsToHostileClients) {
    Event bad = session_event(EventKind::bad_command, "19971118004203", "10.2.85.88");
    bad.command = "WIZ";
    bad.hostile = true;
    EXPECT_EQ(
        rendered(bad), "19971118004203-0800:SMTP-Accept:Alert:[10.2.85.88]:Client issued ``WIZ''\n"
    );
    bad.hostile = false;
    EXPECT_EQ(rendered(bad), "") << "a slip of the tongue alarms nobody";

    Event closed = session_event(EventKind::connection_closed, "19971118003812", "10.2.85.88");
    closed.cause = Cause::too_many_bad;
    EXPECT_EQ(
        rendered(closed),
        "19971118003812-0800:SMTP-Accept:Alert:[10.2.85.88]:Client issued too many bad commands\n"
        "19971118003812-0800:SMTP-Accept:Close:[10.2.85.88]:0:0:0\n"
    );
    Event early = session_event(EventKind::early_talk, "19971118003812", "10.2.85.88");
    early.cause = Cause::sent_data;
    EXPECT_EQ(
        rendered(early),
        "19971118003812-0800:SMTP-Accept:Alert:[10.2.85.88]:Client sent data before the greeting\n"
    );
}

TEST(PostOffice, CountsWhoWasTurnedAway) {
    Event blocked =
        session_event(EventKind::recipients_blocked, "19970425164317", "10.3.91.11", -7);
    blocked.cause = Cause::sender_blocked;
    blocked.sender = "incredible-offer@junkmailer.com";
    blocked.count = 1000;
    EXPECT_EQ(
        rendered(blocked, pacific(-7)),
        "19970425164317-0700:SMTP-Accept:SenderBlocked:[10.3.91.11]:"
        "<incredible-offer@junkmailer.com>:1000\n"
    );
    blocked = session_event(EventKind::recipients_blocked, "19971118005245", "10.2.85.88");
    blocked.cause = Cause::relay_denied;
    blocked.sender = "sir.spamalot@junkmailer.com";
    blocked.count = 30000;
    EXPECT_EQ(
        rendered(blocked),
        "19971118005245-0800:SMTP-Accept:RelayDenied:[10.2.85.88]:<sir.spamalot@junkmailer.com>:"
        "30000\n"
    );
}

TEST(PostOffice, NotesQuestionsOfClients) {
    Event etrn = session_event(EventKind::etrn, "19971118005638", "10.2.1.8");
    etrn.command = "@software.com";
    EXPECT_EQ(
        rendered(etrn), "19971118005638-0800:SMTP-Accept:QueueRequest:[10.2.1.8]:software.com\n"
    );
    Event expand = session_event(EventKind::list_expanded, "19971118011036", "10.2.1.8");
    expand.recipient = "jdoe@software.com";
    EXPECT_EQ(
        rendered(expand), "19971118011036-0800:SMTP-Accept:Expand:[10.2.1.8]:<jdoe@software.com>\n"
    );
    Event verify = session_event(EventKind::address_verified, "19971118011036", "10.2.5.8");
    verify.recipient = "jd@software.com";
    EXPECT_EQ(
        rendered(verify), "19971118011036-0800:SMTP-Accept:Verify:[10.2.5.8]:<jd@software.com>\n"
    );
}

Event message_event(EventKind kind, const char* when, int hours = -8) {
    Event event;
    event.kind = kind;
    event.time = at(when, hours);
    event.enqueued = at("19970226081320", 0) + std::chrono::milliseconds(963);
    event.envelope_id = "84PHKX1L3Q0A0001@fido.software.com";
    event.file_name = "/queue/l/000/ZZ84PHKX1L3Q0A0001.00";
    return event;
}

TEST(PostOffice, MessageIdTellsTheTimeInUtc) {
    const Event event = message_event(EventKind::enqueued, "19970226001321");
    const std::string id = message_id(event, "fido.software.com");
    EXPECT_EQ(id.substr(0, 18), "19970226081320963.");
    const std::string tail = id.substr(18, id.find('@') - 18);
    ASSERT_GE(tail.size(), 4U);
    EXPECT_TRUE(std::all_of(tail.begin(), tail.begin() + 3, [](char c) {
        return c >= 'A' && c <= 'Z';
    }));
    EXPECT_EQ(tail.find_first_not_of("0123456789", 3), std::string::npos);
    EXPECT_TRUE(id.ends_with("@fido.software.com"));
    Event later = event;
    later.kind = EventKind::dequeued;
    later.time += std::chrono::hours(5);
    later.file_name = "/queue/tcp_local/001/ZZ84PHKX1L3Q0A0002.00";
    EXPECT_EQ(message_id(later, "fido.software.com"), id) << "the same for every copy";
    later.envelope_id = "84PHKX1L3Q0A0009@fido.software.com";
    EXPECT_NE(message_id(later, "fido.software.com"), id);
}

TEST(PostOffice, ReceivedNamesAllRecipientsOfTheTransaction) {
    Event event = message_event(EventKind::enqueued, "19970226001321");
    event.transport = log::Transport{
        {*IpAddress::parse("10.2.21.1"), 25}, {*IpAddress::parse("10.2.21.3"), 4000}};
    event.bytes = 6703;
    event.sender = "zack.taylor@megahuge.com";
    event.recipient = "john.doe@software.com";
    Event second = event;
    second.recipient = "jane.doe@software.com";
    second.file_name = "/queue/tcp_local/001/ZZ84PHKX1L3Q0A0002.00";
    const std::string id = message_id(event, "fido.software.com");
    EXPECT_EQ(
        rendered({event, second}),
        "19970226001321-0800:SMTP-Accept:Received:[10.2.21.3]:" + id +
            ":6703:0:<zack.taylor@megahuge.com>:<john.doe@software.com>,<jane.doe@software.com>\n"
            "19970226001321-0800:SMTP-Router:" +
            id + "\n"
    );
    second.original_recipient = "jane@software.com";
    second.recipient = "jane";
    EXPECT_NE(rendered({event, second}).find(",<jane@software.com>\n"), std::string::npos);
    event.goes_on = true;
    EXPECT_EQ(rendered(event), "19970226001321-0800:SMTP-Router:" + id + "\n")
        << "it was received before";
}

TEST(PostOffice, DeliversToMailboxesAndPrograms) {
    Event event = message_event(EventKind::dequeued, "19970226005947");
    event.delivery_class = DeliveryClass::mailbox;
    event.recipient = "John_Doe@software.com";
    const std::string id = message_id(event, "fido.software.com");
    EXPECT_EQ(rendered(event), "19970226005947-0800:Mailbox-Deliver:" + id + ":John_Doe\n");
    event.delivery_class = DeliveryClass::program;
    event.recipient = "Jane_Doe@software.com";
    Event second = event;
    second.recipient = "John_Doe@software.com";
    EXPECT_EQ(
        rendered({event, second}),
        "19970226005947-0800:Program-Deliver:" + id + ":Jane_Doe,John_Doe\n"
    );
    event.delivery_class = DeliveryClass::passage;
    EXPECT_EQ(rendered(event), "") << "a step inside the MTA is no delivery";
}

TEST(PostOffice, DeliversAndDefersOverSmtp) {
    Event event = message_event(EventKind::dequeued, "19970716011333", -7);
    event.delivery_class = DeliveryClass::remote;
    event.direction = log::Direction::outbound;
    event.bytes = 2019;
    event.remote_host = "mail.accordance.com";
    event.sender = "skippy@software.com";
    event.recipient = "joe@accordance.com";
    const std::string id = message_id(event, "fido");
    EXPECT_EQ(
        rendered(event, pacific(-7, "fido")),
        "19970716011333-0700:SMTP-Deliver:" + id +
            ":Delivered:2019:mail.accordance.com:<skippy@software.com>:<joe@accordance.com>\n"
    );
    event.kind = EventKind::deferred;
    event.bytes = 616;
    event.remote_host.clear();
    event.sender = "jdoe@software.com";
    event.recipient = "scott@maczieg.com";
    Event second = event;
    second.recipient = "chris@maczieg.com";
    EXPECT_EQ(
        rendered({event, second}, pacific(-7, "fido")),
        "19970716011333-0700:SMTP-Deliver:" + id +
            ":Deferred:616:maczieg.com:<jdoe@software.com>:<scott@maczieg.com>,<chris@maczieg.com>"
            "\n"
    );
    Event other = second;
    other.kind = EventKind::dequeued;
    other.remote_host = "mx.maczieg.com";
    const std::string both = rendered({event, other}, pacific(-7, "fido"));
    EXPECT_EQ(std::count(both.begin(), both.end(), '\n'), 2) << "two fates, two entries";
}

TEST(PostOffice, WarnsAboutDestinations) {
    Event event;
    event.kind = EventKind::delivery_warning;
    event.direction = log::Direction::outbound;
    event.time = at("19970716011847", -7);
    for (const char* text :
         {"MX lookup for foo.com timed out", "MX lookup for bar.com returned no records",
          "Timed out waiting for SMTP greeting from: 207.177.177.11"}) {
        event.diagnostic = text;
        EXPECT_EQ(
            rendered(event, pacific(-7)),
            "19970716011847-0700:SMTP-Deliver:Warning:" + std::string(text) + "\n"
        );
    }
}

TEST(PostOffice, SaysAllAboutAnUndeliverableMessage) {
    Event event = message_event(EventKind::returned, "19971118015018");
    event.enqueued = at("19971118015016", -8);
    event.source_channel = "tcp_local";
    event.origin_channel = "tcp_local";
    event.origin.address = IpAddress::parse("10.2.85.88");
    event.sender = "scottm@sparky.software.com";
    event.recipient = "john.deo@software.com";
    event.bytes = 1127;
    event.status = StatusCode{5, 1, 1};
    EXPECT_EQ(
        rendered(event),
        "19971118015018-0800:Error-Handler:" + message_id(event, "fido.software.com") +
            "-Unknown\n"
            "\tFunction: Error-Handler\n"
            "\tControl-Type: Mail\n"
            "\tPriority: 2\n"
            "\tSubmitted-Date: Tue, 18 Nov 1997 01:50:16 -0800\n"
            "\tMIME-Encoding: 7BIT\n"
            "\tHost-From: [10.2.85.88] [10.2.85.88]\n"
            "\tUser-From: SMTP<scottm@sparky.software.com>\n"
            "\tMessage-Size: 1127\n"
            "\tChannel-To: SMTP <john.deo@software.com>\n"
            "\tError: SMTP-Router:UnknownAccounts (WriteUnknownAcct)\n"
            "\tError-Text: SMTP <john.deo@software.com>\n"
            "\tTrace: SMTP-Accept\n"
            "\tTrace: SMTP-Router\n"
    );
    event.status = StatusCode{5, 2, 2};
    event.source_channel = "l";
    event.origin.name = "client.example";
    const std::string other = rendered(event);
    EXPECT_NE(other.find("-Quota\n"), std::string::npos) << other;
    EXPECT_NE(other.find("\tError: l:quota (5.2.2)\n"), std::string::npos) << other;
    EXPECT_NE(other.find("\tHost-From: client.example [10.2.85.88]\n"), std::string::npos) << other;
}

TEST(PostOffice, SwitchesChooseEntries) {
    RenderOptions options = pacific();
    const Event opened = session_event(EventKind::connection_opened, "19970226001320", "10.2.21.3");
    const Event closed = session_event(EventKind::connection_closed, "19970226001320", "10.2.21.3");
    const auto choose = [&](std::string_view text) {
        std::vector<std::string> unknown;
        options.switches = log::EventSwitches::parse(text, entry_names(), &unknown);
        std::string all;
        for (const std::string& word : unknown) all += word + ' ';
        return all;
    };
    const auto line_count = [&] {
        const std::string lines = rendered({opened, closed}, options);
        return std::count(lines.begin(), lines.end(), '\n');
    };
    EXPECT_EQ(choose("all"), "");
    EXPECT_EQ(line_count(), 2);
    EXPECT_EQ(choose("all, -Connect"), "");
    EXPECT_EQ(line_count(), 1);
    EXPECT_FALSE(is_wanted(EventKind::connection_opened, options.switches));
    EXPECT_TRUE(is_wanted(EventKind::connection_closed, options.switches));
    EXPECT_EQ(choose("-smtp-accept"), "");
    EXPECT_EQ(line_count(), 0);
    EXPECT_TRUE(is_wanted(EventKind::dequeued, options.switches)) << "everything else stays";
    EXPECT_EQ(choose("SMTP-Accept:Close,SMTP-Deliver"), "");
    EXPECT_EQ(line_count(), 1);
    EXPECT_EQ(choose("Connect,Finger-Server"), "Finger-Server ");
    EXPECT_EQ(choose(""), "");
    EXPECT_EQ(line_count(), 2);
}

TEST(PostOffice, OutboundConnectionsAndStepsOfTheDialogueAreNoEntries) {
    Event outbound = session_event(EventKind::connection_opened, "19970226001320", "10.2.21.3");
    outbound.direction = log::Direction::outbound;
    EXPECT_EQ(rendered(outbound), "");
    for (const EventKind kind :
         {EventKind::connection_arrived, EventKind::sender_accepted, EventKind::recipient_accepted,
          EventKind::delivery_started, EventKind::message_gone, EventKind::warned})
        EXPECT_EQ(rendered(session_event(kind, "19970226001320", "10.2.21.3")), "");
}

// Nothing that a client says begins a line, ends a field, or reaches a terminal.
TEST(PostOffice, HostileTextStaysInItsField) {
    const std::string evil =
        "a\r\n19970226001320-0800:SMTP-Accept:Connect:[1.2.3.4]\x1b[2J\0\x80:>b"s;
    Event event = message_event(EventKind::returned, "19971118015018");
    event.delivery_class = DeliveryClass::remote;
    for (std::string* text :
         {&event.sender, &event.recipient, &event.remote_host, &event.command, &event.diagnostic,
          &event.source_channel, &event.origin_channel, &event.origin.name,
          &event.origin.reverse_name})
        *text = evil;
    event.origin.address = IpAddress::parse("10.2.85.88");
    event.transport = log::Transport{
        {*IpAddress::parse("10.2.21.1"), 25}, {*IpAddress::parse("10.2.85.88"), 4000}};
    event.hostile = true;
    for (int kind = 0; kind <= static_cast<int>(EventKind::deliveries_stopped); ++kind) {
        event.kind = static_cast<EventKind>(kind);
        const std::string lines = rendered(event);
        for (const char c : lines) {
            const bool plain = c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7f);
            EXPECT_TRUE(plain) << kind << ": " << lines;
        }
        std::size_t from = 0;
        while (from < lines.size()) {
            const std::string line = lines.substr(from, lines.find('\n', from) - from);
            EXPECT_TRUE(line[0] == '\t' || line.starts_with("19971118015018-0800:")) << line;
            from += line.size() + 1;
        }
    }
    EXPECT_EQ(bracketed("a>b:c"), "<a%3Eb:c>");
    EXPECT_EQ(bracketed("\"a>b\"@c"), "<\"a>b\"@c>");
    EXPECT_EQ(bracketed("\"a>b"), "<\"a%3Eb>") << "the string never ends";
    EXPECT_EQ(bracketed("\"a\\\"b>c\"@d"), "<\"a\\\"b>c\"@d>");
    EXPECT_EQ(field("a:b\nc"), "a%3Ab%0Ac");
    EXPECT_EQ(last_field("a:b\nc"), "a:b%0Ac");
    EXPECT_EQ(bracketed("gr\xC3\xBC\xC3\x9F@example.com"), "<gr\xC3\xBC\xC3\x9F@example.com>");
    EXPECT_EQ(bracketed("gr\xFC@example.com"), "<gr%FC@example.com>");
    EXPECT_EQ(account("a,b@c"), "a%2Cb");
    EXPECT_LT(bracketed(std::string(20000, 'x')).size(), 1100U);
    EXPECT_TRUE(bracketed(std::string(20000, 'x')).ends_with("...>"));
}

}  // namespace
}  // namespace sluice::postoffice_log
