#include "qmail_log/smtp_lines.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "qmail_log/entries.h"

namespace sluice::qmail_log {
namespace {

using log::Cause;
using log::Event;
using log::EventKind;
using namespace std::string_literals;

SmtpLineOptions plain() {
    SmtpLineOptions options;
    options.stamp = Stamp::none;
    options.host = "a.mx.jms1.net";
    return options;
}

Event session_event(
    EventKind kind, std::uint64_t session = 26162, const char* ip = "194.206.24.40"
) {
    Event event;
    event.kind = kind;
    event.time = WallTime(std::chrono::microseconds(1127359865997071));
    event.session = session;
    event.process = {4711, 2, 0};
    event.transport =
        log::Transport{{*IpAddress::parse("209.114.200.128"), 25}, {*IpAddress::parse(ip), 1521}};
    return event;
}
std::string rendered(const Event& event, const SmtpLineOptions& options = plain()) {
    std::string out;
    render_smtp(out, event, options);
    return out;
}

// postoffice-and-qmail-features.md section 8.4
TEST(QmailSmtp, TellsOfConnectionsAsTcpserverDoes) {
    EXPECT_EQ(
        rendered(session_event(EventKind::connection_arrived)),
        "tcpserver: pid 26162 from 194.206.24.40\n"
    );
    Event status = session_event(EventKind::connections_changed);
    status.count = 5;
    status.limit = 30;
    EXPECT_EQ(rendered(status), "tcpserver: status: 5/30\n");
    EXPECT_EQ(
        rendered(session_event(EventKind::connection_opened)),
        "tcpserver: ok 26162 a.mx.jms1.net:209.114.200.128:25 :194.206.24.40::1521\n"
    );
    Event named = session_event(EventKind::connection_opened, 26163, "193.123.2.227");
    named.transport->remote.port = 4232;
    named.source.reverse_name = "pixelwww.pixelpower.com";
    EXPECT_EQ(
        rendered(named),
        "tcpserver: ok 26163 a.mx.jms1.net:209.114.200.128:25 "
        "pixelwww.pixelpower.com:193.123.2.227::4232\n"
    );
    EXPECT_EQ(
        rendered(session_event(EventKind::connection_refused)),
        "tcpserver: deny 26162 a.mx.jms1.net:209.114.200.128:25 :194.206.24.40::1521\n"
    );
    Event closed = session_event(EventKind::connection_closed, 26163);
    EXPECT_EQ(rendered(closed), "tcpserver: end 26163 status 0\n");
    closed.diagnostic = "timeout";
    EXPECT_EQ(rendered(closed), "tcpserver: end 26163 status 256\n");
    EXPECT_EQ(
        rendered(session_event(EventKind::connection_opened, 7, "2001:db8::1")),
        "tcpserver: ok 7 a.mx.jms1.net:209.114.200.128:25 :[2001:db8::1]::1521\n"
    );
}

TEST(QmailSmtp, TellsOfListedClientsAsRblsmtpdDoes) {
    Event refused = session_event(EventKind::connection_refused);
    refused.cause = Cause::port_access;
    refused.diagnostic = "451 We do not accept mail from IP addresses without reverse DNS.";
    EXPECT_EQ(
        rendered(refused),
        "rblsmtpd: 194.206.24.40 pid 26162: 451 We do not accept mail from IP addresses without "
        "reverse DNS.\n"
    );
    refused = session_event(EventKind::connection_refused, 26163, "193.123.2.227");
    refused.cause = Cause::port_access;
    refused.diagnostic = "553 Sent mail to honeypot qmmycemglyiuq@delete.net on 2005-01-04";
    EXPECT_EQ(
        rendered(refused),
        "rblsmtpd: 193.123.2.227 pid 26163: 553 Sent mail to honeypot qmmycemglyiuq@delete.net on "
        "2005-01-04\n"
    );
    refused.diagnostic = "500 5.7.1 go away";
    EXPECT_TRUE(rendered(refused).starts_with("tcpserver: deny 26163 ")) << rendered(refused);
}

TEST(QmailSmtp, TellsOfTheDialogueAsQmailSmtpdDoes) {
    Event event = session_event(EventKind::sender_accepted, 12345, "1.2.3.4");
    event.sender = "email@domain.xyz";
    EXPECT_EQ(rendered(event), "qmail-smtpd[12345]: MAIL FROM:<email@domain.xyz>\n");
    event.sender.clear();
    EXPECT_EQ(rendered(event), "qmail-smtpd[12345]: MAIL FROM:<>\n");
    event.kind = EventKind::recipient_accepted;
    event.recipient = "email@domain.xyz";
    EXPECT_EQ(rendered(event), "qmail-smtpd[12345]: RCPT TO:<email@domain.xyz>\n");

    event.kind = EventKind::enqueue_refused;
    event.recipient = "badname@domain.xyz";
    EXPECT_EQ(rendered(event), "") << "refused for reasons that qmail has no line for";
    event.cause = Cause::unknown_recipient;
    EXPECT_EQ(
        rendered(event),
        "qmail-smtpd[12345]: validrcptto [1.2.3.4] RCPT TO: badname@domain.xyz\n"
        "qmail-smtpd[12345]: validrcptto [1.2.3.4] reject: badname@domain.xyz\n"
    );
    event.cause = Cause::unknown_sender;
    event.sender = "sender@domain.xyz";
    EXPECT_EQ(rendered(event), "qmail-smtpd[12345]: MFCHECK fail [1.2.3.4] domain.xyz\n");

    event = session_event(EventKind::authentication, 12345, "1.2.3.4");
    event.username = "user@domain.xyz";
    EXPECT_EQ(rendered(event), "qmail-smtpd[12345]: AUTH failed [1.2.3.4] user@domain.xyz\n");
    event.modifiers.authenticated = true;
    EXPECT_EQ(rendered(event), "qmail-smtpd[12345]: AUTH successful [1.2.3.4] user@domain.xyz\n");

    event = session_event(EventKind::early_talk, 12345, "1.2.3.4");
    EXPECT_EQ(
        rendered(event), "qmail-smtpd[12345]: before greeting: [1.2.3.4] client disconnected\n"
    );
    event.cause = Cause::sent_data;
    EXPECT_EQ(rendered(event), "qmail-smtpd[12345]: before greeting: [1.2.3.4] client sent data\n");
}

TEST(QmailSmtp, TellsOfSendersAndClientsThatWereLookedAt) {
    Event event = session_event(EventKind::sender_looked_up, 12345, "1.2.3.4");
    event.sender = "sender@domain.xyz";
    event.cause = Cause::found;
    EXPECT_EQ(rendered(event), "qmail-smtpd[12345]: MFCHECK pass [1.2.3.4] domain.xyz\n");
    event.cause = Cause::exempt;
    EXPECT_EQ(
        rendered(event), "qmail-smtpd[12345]: MFCHECK bypassed [1.2.3.4] sender@domain.xyz\n"
    );
    event.sender.clear();
    EXPECT_EQ(rendered(event), "qmail-smtpd[12345]: MFCHECK bypassed [1.2.3.4] <>\n");

    event = session_event(EventKind::client_screened, 27730, "1.2.3.4");
    for (const std::string remark :
         {"OK known", "DENY no reverse DNS", "GREY first time", "GREY too soon"}) {
        event.diagnostic = remark;
        EXPECT_EQ(rendered(event), "jgreylist[27730]: 1.2.3.4 " + remark + '\n');
    }
    SmtpLineOptions options = plain();
    options.switches = log::EventSwitches::parse("-jgreylist", entry_names());
    EXPECT_EQ(rendered(event, options), "");
}

TEST(QmailSmtp, TellsHowARecipientWasLookedFor) {
    SmtpLineOptions options = plain();
    options.recipient_trace = true;
    Event event = session_event(EventKind::recipient_looked_for, 12345, "1.2.3.4");
    const auto step = [&](Cause cause, std::string_view key) {
        event.cause = cause;
        event.recipient = key;
        return rendered(event, options);
    };
    const std::string begin = "qmail-smtpd[12345]: validrcptto [1.2.3.4] ";
    EXPECT_EQ(
        step(Cause::presented, "mailbox-ext@domain.xyz"),
        begin + "RCPT TO: mailbox-ext@domain.xyz\n"
    );
    EXPECT_EQ(step(Cause::tried, "@domain.xyz"), begin + "trying: @domain.xyz\n");
    EXPECT_EQ(step(Cause::found, "@domain.xyz"), begin + "found: @domain.xyz\n");
    event.kind = EventKind::enqueue_refused;
    EXPECT_EQ(
        step(Cause::unknown_recipient, "badname@domain.xyz"), begin + "reject: badname@domain.xyz\n"
    ) << "what RCPT named stands there already";
}

TEST(QmailSmtp, NumbersProcessesWhereAskedTo) {
    SmtpLineOptions options = plain();
    options.pid = PidStyle::process;
    EXPECT_EQ(
        rendered(session_event(EventKind::connection_closed), options),
        "tcpserver: end 4711002 status 0\n"
    );
}

TEST(QmailSmtp, StampsAndSwitches) {
    SmtpLineOptions options = plain();
    options.stamp = Stamp::tai64n;
    EXPECT_EQ(
        rendered(session_event(EventKind::connection_closed), options),
        "@40000000433225833b6e1898 tcpserver: end 26162 status 0\n"
    );
    options.switches = log::EventSwitches::parse("-tcpserver", entry_names());
    EXPECT_EQ(rendered(session_event(EventKind::connection_closed), options), "");
    EXPECT_NE(rendered(session_event(EventKind::sender_accepted), options), "");
}

TEST(QmailSmtp, ConnectionsOfOurOwnAreNotTold) {
    Event event = session_event(EventKind::connection_opened);
    event.direction = log::Direction::outbound;
    EXPECT_EQ(rendered(event), "");
}

TEST(QmailSmtp, HostileTextAddsNoLine) {
    Event event = session_event(EventKind::sender_accepted);
    const std::string evil = "x\ntcpserver: ok 1 a:b\r\n\0\x1b[2J:\xFF"s;
    for (std::string* text :
         {&event.sender, &event.recipient, &event.username, &event.diagnostic, &event.command,
          &event.source.name, &event.source.reverse_name})
        *text = evil;
    for (const Cause cause :
         {Cause::none, Cause::port_access, Cause::unknown_recipient, Cause::unknown_sender}) {
        event.cause = cause;
        event.diagnostic = "553 " + evil;
        for (int kind = 0; kind <= static_cast<int>(EventKind::deliveries_stopped); ++kind) {
            event.kind = static_cast<EventKind>(kind);
            const std::string lines = rendered(event);
            EXPECT_TRUE(std::all_of(lines.begin(), lines.end(), [](char c) {
                return c == '\n' || (c >= 0x20 && c < 0x7f);
            })) << lines;
            std::size_t from = 0;
            while (from < lines.size()) {
                const std::string line = lines.substr(from, lines.find('\n', from) - from);
                const bool known = line.starts_with("tcpserver: ") ||
                                   line.starts_with("jgreylist[26162]: 194.206.24.40 ") ||
                                   line.starts_with("rblsmtpd: 194.206.24.40 pid 26162: ") ||
                                   line.starts_with("qmail-smtpd[26162]: ");
                EXPECT_TRUE(known) << line;
                from += line.size() + 1;
            }
        }
    }
}

}  // namespace
}  // namespace sluice::qmail_log
