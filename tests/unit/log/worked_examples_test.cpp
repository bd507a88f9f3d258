// The ten examples of the administration guide, and the sample with all optional fields: events as
// the programs report them, lines as the guide prints them (unfolded, runs of blanks collapsed).
#include <gtest/gtest.h>

#include <cerrno>

#include "base/bytes.h"
#include "log/diagnostic.h"
#include "log/render.h"

namespace sluice::log {
namespace {

// "19-Jan-1998 19:16:57.64" in UTC.
WallTime at(unsigned day, unsigned month, int hour, int minute, int second, int hundredth) {
    using namespace std::chrono;
    const sys_days date = year(1998) / static_cast<int>(month) / static_cast<int>(day);
    return date + hours(hour) + minutes(minute) + seconds(second) + milliseconds(10 * hundredth);
}

std::string collapsed(std::string_view text) {
    std::string out;
    for (std::string_view word : split_words(text)) {
        if (!out.empty()) out += ' ';
        out += word;
    }
    return out;
}

std::string line_of(const Event& event, const LogOptions& options) {
    std::string out;
    render(out, event, options, TimeZone());
    EXPECT_TRUE(out.empty() || out.find('\n') == out.size() - 1);
    return collapsed(out.substr(0, out.size() - (out.empty() ? 0 : 1)));
}

Event message(
    EventKind kind,
    WallTime time,
    std::string source,
    std::string destination,
    std::string sender,
    std::string original,
    std::string recipient
) {
    Event event;
    event.kind = kind;
    event.time = time;
    event.source_channel = std::move(source);
    event.destination_channel = std::move(destination);
    event.bytes = 1000;
    event.sender = std::move(sender);
    event.original_recipient = std::move(original);
    event.recipient = std::move(recipient);
    return event;
}

Transport transport(std::string_view local, std::uint16_t port, std::string_view remote) {
    return {{*IpAddress::parse(local), port}, {*IpAddress::parse(remote), 25}};
}

const Transport thor = transport("206.184.139.12", 2788, "192.160.253.66");

ClientStatus thor_says(std::string reply) {
    return {
        "thor.siroe.com", &thor, "220 THOR.SIROE.COM -- Server ESMTP [iMS V5.0 #8694]\r\n",
        std::move(reply)};
}

LogOptions with_names() {
    LogOptions options;
    options.filename = true;
    options.message_id = true;
    return options;
}

TEST(WorkedExample, OutgoingMessage) {
    Event event = message(
        EventKind::enqueued, at(19, 1, 19, 16, 57, 64), "l", "tcp_local", "adam@sesta.com",
        "marlowe@siroe.com", "marlowe@siroe.com"
    );
    EXPECT_EQ(
        line_of(event, {}),
        "19-Jan-1998 19:16:57.64 l tcp_local E 1 adam@sesta.com rfc822;marlowe@siroe.com "
        "marlowe@siroe.com"
    );
    event = message(
        EventKind::dequeued, at(19, 1, 19, 17, 1, 16), "tcp_local", "", "adam@sesta.com",
        "marlowe@siroe.com", "marlowe@siroe.com"
    );
    event.diagnostic =
        client_diagnostic(thor_says("250 2.1.5 marlowe@siroe.com and options OK.\r\n"), {});
    EXPECT_EQ(
        line_of(event, {}),
        "19-Jan-1998 19:17:01.16 tcp_local D 1 adam@sesta.com rfc822;marlowe@siroe.com "
        "marlowe@siroe.com dns;thor.siroe.com (TCP|206.184.139.12|2788|192.160.253.66|25) "
        "(THOR.SIROE.COM -- Server ESMTP [iMS V5.0 #8694]) "
        "smtp;250 2.1.5 marlowe@siroe.com and options OK."
    );
}

TEST(WorkedExample, OptionalFields) {
    Event event = message(
        EventKind::dequeued, at(19, 1, 19, 17, 1, 16), "tcp_local", "", "adam@sesta.com",
        "marlowe@siroe.com", "marlowe@siroe.com"
    );
    event.file_name = "/imta/queue/tcp_local/ZZ01ISKLSKLZLI90N15M.00";
    event.message_id = "<01ISKLSKC2QC90N15M@sesta.com>";
    event.diagnostic = client_diagnostic(thor_says("250 ok"), {});
    EXPECT_EQ(
        line_of(event, with_names()),
        "19-Jan-1998 19:17:01.16 tcp_local D 1 adam@sesta.com rfc822;marlowe@siroe.com "
        "marlowe@siroe.com /imta/queue/tcp_local/ZZ01ISKLSKLZLI90N15M.00 "
        "<01ISKLSKC2QC90N15M@sesta.com> dns;thor.siroe.com "
        "(TCP|206.184.139.12|2788|192.160.253.66|25) "
        "(THOR.SIROE.COM -- Server ESMTP [iMS V5.0 #8694]) smtp;250 ok"
    );
    event.kind = EventKind::enqueued;
    event.source_channel = "l";
    event.destination_channel = "tcp_local";
    event.diagnostic.clear();
    EXPECT_EQ(
        line_of(event, with_names()),
        "19-Jan-1998 19:17:01.16 l tcp_local E 1 adam@sesta.com rfc822;marlowe@siroe.com "
        "marlowe@siroe.com /imta/queue/tcp_local/ZZ01ISKLSKLZLI90N15M.00 "
        "<01ISKLSKC2QC90N15M@sesta.com>"
    );
}

TEST(WorkedExample, MailingList) {
    LogOptions options = with_names();
    options.connection = connection_bit::information;
    Event event = message(
        EventKind::enqueued, at(19, 1, 20, 1, 44, 10), "l", "l", "adam@sesta.com",
        "test-list@sesta.com", "bob"
    );
    event.file_name = "imta/queue/l/ZZ01ISKND3DE1K90N15M.00";
    event.message_id = "<01ISKND2H8MS90N15M@sesta.com>";
    EXPECT_EQ(
        line_of(event, options),
        "19-Jan-1998 20:01:44.10 l l E 1 adam@sesta.com rfc822;test-list@sesta.com bob "
        "imta/queue/l/ZZ01ISKND3DE1K90N15M.00 <01ISKND2H8MS90N15M@sesta.com>"
    );
    event.kind = EventKind::dequeued;
    event.time = at(19, 1, 20, 1, 50, 69);
    event.destination_channel.clear();
    EXPECT_EQ(
        line_of(event, options),
        "19-Jan-1998 20:01:50.69 l D 1 adam@sesta.com rfc822;test-list@sesta.com bob "
        "imta/queue/l/ZZ01ISKND3DE1K90N15M.00 <01ISKND2H8MS90N15M@sesta.com>"
    );
    event.time = at(19, 1, 20, 1, 57, 36);
    event.source_channel = "tcp_local";
    event.recipient = "carol@varrius.com";
    event.file_name = "imta/queue/tcp_local/ZZ01ISKND2WS1I90N15M.00";
    event.remote_host = "gw.varrius.com";  // bit 0 alone does not show it
    event.diagnostic = client_diagnostic(
        {"gw.varrius.com", &thor, "gw.varrius.com -- SMTP Sendmail", "250 OK.\r\n"},
        {.connection = options.connection}
    );
    EXPECT_EQ(
        line_of(event, options),
        "19-Jan-1998 20:01:57.36 tcp_local D 1 adam@sesta.com rfc822;test-list@sesta.com "
        "carol@varrius.com imta/queue/tcp_local/ZZ01ISKND2WS1I90N15M.00 "
        "<01ISKND2H8MS90N15M@sesta.com> dns;gw.varrius.com "
        "(TCP|206.184.139.12|2788|192.160.253.66|25) (gw.varrius.com -- SMTP Sendmail) "
        "smtp;250 OK."
    );
}

TEST(WorkedExample, NonexistentDomain) {
    Event notice = message(
        EventKind::enqueued, at(19, 1, 20, 49, 33, 0), "tcp_local", "process", "", "adam@sesta.com",
        "adam@sesta.com"
    );
    notice.file_name = "imta/queue/process/ZZ01ISKP0S0LVQ94DTZB.00";
    notice.message_id = "<01ISKP22MW8894DTAS@SESTA.COM>";
    notice.original_message_id = "<01ISKP0RYMAS94DU0K@SESTA.COM>";
    EXPECT_EQ(
        line_of(notice, with_names()),
        "19-Jan-1998 20:49:33.00 tcp_local process E 1 rfc822;adam@sesta.com adam@sesta.com "
        "imta/queue/process/ZZ01ISKP0S0LVQ94DTZB.00 "
        "<01ISKP22MW8894DTAS@SESTA.COM>,<01ISKP0RYMAS94DU0K@SESTA.COM>"
    );
    std::string exact;
    render(exact, notice, {}, TimeZone());
    EXPECT_NE(exact.find(" E 1  rfc822;"), std::string::npos) << "two blanks for the null sender";

    Event rejection = message(
        EventKind::returned, at(19, 1, 20, 50, 7, 0), "tcp_local", "", "adam@sesta.com",
        "user@very.bogus.com", "user@very.bogus.com"
    );
    rejection.file_name = "imta/queue/tcp_local/ZZ01ISKP0S0LVQ94DU0K.00";
    rejection.message_id = "<01ISKP0RYMAS94DU0K@SESTA.COM>";
    rejection.diagnostic = no_such_domain;
    EXPECT_EQ(
        line_of(rejection, with_names()),
        "19-Jan-1998 20:50:07.00 tcp_local R 1 adam@sesta.com rfc822;user@very.bogus.com "
        "user@very.bogus.com imta/queue/tcp_local/ZZ01ISKP0S0LVQ94DU0K.00 "
        "<01ISKP0RYMAS94DU0K@SESTA.COM> Illegal host/domain name found"
    );
    Event delivery = message(
        EventKind::dequeued, at(19, 1, 20, 50, 12, 0), "l", "", "", "adam@sesta.com", "adam"
    );
    delivery.bytes = 2049;
    delivery.file_name = "imta/queue/l/ZZ01ISKP23BUQS94DTYL.00";
    delivery.message_id = "<01ISKP22MW8894DTAS@SESTA.COM>";
    EXPECT_EQ(
        line_of(delivery, with_names()),
        "19-Jan-1998 20:50:12.00 l D 3 rfc822;adam@sesta.com adam "
        "imta/queue/l/ZZ01ISKP23BUQS94DTYL.00 <01ISKP22MW8894DTAS@SESTA.COM>"
    );
}

TEST(WorkedExample, NonexistentRemoteUser) {
    Event event = message(
        EventKind::returned, at(20, 1, 13, 11, 11, 0), "tcp_local", "", "adam@sesta.com",
        "nonesuch@siroe.com", "nonesuch@siroe.com"
    );
    event.file_name = "imta/queue/tcp_local/ZZ01ISLNBB1JOE94DUWH.00";
    event.message_id = "<01ISLNBAWV3094DUWH@sesta.com>";
    event.diagnostic =
        client_diagnostic(thor_says("553 unknown or illegal user: nonesuch@siroe.com\r\n"), {});
    EXPECT_EQ(
        line_of(event, with_names()),
        "20-Jan-1998 13:11:11.00 tcp_local R 1 adam@sesta.com rfc822;nonesuch@siroe.com "
        "nonesuch@siroe.com imta/queue/tcp_local/ZZ01ISLNBB1JOE94DUWH.00 "
        "<01ISLNBAWV3094DUWH@sesta.com> dns;thor.siroe.com "
        "(TCP|206.184.139.12|2788|192.160.253.66|25) "
        "(THOR.SIROE.COM -- Server ESMTP [iMS V5.0 #8694]) "
        "smtp;553 unknown or illegal user: nonesuch@siroe.com"
    );
}

TEST(WorkedExample, RelayAttemptRefused) {
    Event event = message(
        EventKind::enqueue_refused, at(28, 5, 12, 2, 23, 0), "tcp_local", "", "harold@varrius.com",
        "", "alan@very.bogus.com"
    );
    event.diagnostic = "550 5.7.1 Relaying not permitted: alan@very.bogus.com";
    EXPECT_EQ(
        line_of(event, {}),
        "28-May-1998 12:02:23.00 tcp_local J 0 harold@varrius.com rfc822; alan@very.bogus.com "
        "550 5.7.1 Relaying not permitted: alan@very.bogus.com"
    );
}

TEST(WorkedExample, Retries) {
    Event event = message(
        EventKind::deferred, at(15, 1, 12, 45, 39, 48), "tcp_local", "", "adam@hosta.sesta.com",
        "user@some.org", "user@some.org"
    );
    event.bytes = 3072;
    event.file_name = "imta/queue/tcp_local/ZY01IS3D2ZP7FQ9UN54R.00";
    event.message_id = "<01IRUD7SVA3Q9UN2D4@sesta.com>";
    event.diagnostic = connect_failure(EHOSTUNREACH);
    const std::string start =
        "15-Jan-1998 12:45:39.48 tcp_local Q 3 adam@hosta.sesta.com rfc822;user@some.org "
        "user@some.org imta/queue/tcp_local/ZY01IS3D2ZP7FQ9UN54R.00 "
        "<01IRUD7SVA3Q9UN2D4@sesta.com> TCP active open: Failed connect() Error: ";
    EXPECT_EQ(line_of(event, with_names()), start + "no route to host");
    event.diagnostic = connect_failure(ECONNREFUSED);
    EXPECT_EQ(line_of(event, with_names()), start + "connection refused");
    event.diagnostic = connect_timeout();
    EXPECT_EQ(line_of(event, with_names()), start + "connection timed out");
    std::string exact;
    render(exact, event, {}, TimeZone());
    EXPECT_NE(exact.find("connect()    Error: connection timed out\n"), std::string::npos);
}

TEST(WorkedExample, ConversionChannel) {
    Event event = message(
        EventKind::enqueued, at(4, 2, 0, 6, 26, 72), "tcp_local", "conversion", "amy@siroe.edu",
        "bert@sesta.com", "bert@sesta.com"
    );
    event.bytes = 9000;
    EXPECT_EQ(
        line_of(event, {}),
        "04-Feb-1998 00:06:26.72 tcp_local conversion E 9 amy@siroe.edu rfc822;bert@sesta.com "
        "bert@sesta.com"
    );
    event.kind = EventKind::dequeued;
    event.time = at(4, 2, 0, 6, 29, 31);
    event.source_channel = "conversion";
    event.destination_channel.clear();
    event.recipient = "bert";
    std::string exact;
    render(exact, event, {}, TimeZone());
    EXPECT_EQ(
        exact,
        "04-Feb-1998 00:06:29.31 conversion                D 9 amy@siroe.edu "
        "rfc822;bert@sesta.com bert\n"
    );
}

TEST(WorkedExample, OutboundConnections) {
    LogOptions options = with_names();
    options.process = true;
    options.connection = connection_bit::information | connection_bit::sessions;
    const Transport hosta = transport("206.184.139.12", 5901, "206.184.139.70");

    Event enqueue = message(
        EventKind::enqueued, at(19, 2, 10, 52, 5, 41), "l", "tcp_local", "adam@sesta.com",
        "bobby@hosta.sesta.com", "bobby@hosta.sesta.com"
    );
    enqueue.process = {0x1e488, std::nullopt, 0};
    enqueue.file_name = "imta/queue/tcp_local/ZZ01ITRF7BO388000FCN.00";
    enqueue.message_id = "<01ITRF7BDHS6000FCN@SESTA.COM>";
    EXPECT_EQ(
        line_of(enqueue, options),
        "19-Feb-1998 10:52:05.41 1e488.0 l tcp_local E 1 adam@sesta.com "
        "rfc822;bobby@hosta.sesta.com bobby@hosta.sesta.com "
        "imta/queue/tcp_local/ZZ01ITRF7BO388000FCN.00 <01ITRF7BDHS6000FCN@SESTA.COM>"
    );

    Event open;
    open.kind = EventKind::connection_opened;
    open.time = at(19, 2, 10, 52, 10, 87);
    open.process = {0x1f625, 3, 0};
    open.source_channel = "tcp_local";
    open.direction = Direction::outbound;
    open.transport = hosta;
    open.application = application_text("SMTP", "hosta.sesta.com", "hosta.sesta.com");
    EXPECT_EQ(
        line_of(open, options),
        "19-Feb-1998 10:52:10.87 1f625.3.0 tcp_local - O TCP|206.184.139.12|5901|206.184.139.70|25 "
        "SMTP/hosta.sesta.com/hosta.sesta.com"
    );

    Event dequeue = enqueue;
    dequeue.kind = EventKind::dequeued;
    dequeue.time = at(19, 2, 10, 52, 12, 28);
    dequeue.process = {0x1f625, 3, 1};
    dequeue.source_channel = "tcp_local";
    dequeue.remote_host = "hosta.sesta.com";
    dequeue.diagnostic = client_diagnostic(
        {"hosta.sesta.com", &hosta, "hosta.sesta.com -- Server ESMTP [iMS V5.0 #8790]",
         "250 2.1.5 bobby@hosta.sesta.com and options OK."},
        {.connection = options.connection}
    );
    EXPECT_EQ(
        line_of(dequeue, options),
        "19-Feb-1998 10:52:12.28 1f625.3.1 tcp_local D 1 adam@sesta.com "
        "rfc822;bobby@hosta.sesta.com bobby@hosta.sesta.com "
        "imta/queue/tcp_local/ZZ01ITRF7BO388000FCN.00 <01ITRF7BDHS6000FCN@SESTA.COM> "
        "hosta.sesta.com dns;hosta.sesta.com (TCP|206.184.139.12|5901|206.184.139.70|25) "
        "(hosta.sesta.com -- Server ESMTP [iMS V5.0 #8790]) "
        "(TCP|206.184.139.12|5901|206.184.139.70|25) "
        "smtp;250 2.1.5 bobby@hosta.sesta.com and options OK."
    );

    Event close = open;
    close.kind = EventKind::connection_closed;
    close.process.count = 2;
    EXPECT_TRUE(line_of(close, options).find("1f625.3.2 tcp_local - C TCP|") != std::string::npos);
    options.connection = connection_bit::information;
    EXPECT_EQ(line_of(close, options), "") << "connection entries need bit 1";
}

TEST(WorkedExample, InboundConnection) {
    LogOptions options;
    options.connection = connection_bit::information | connection_bit::sessions;
    Event event;
    event.kind = EventKind::connection_opened;
    event.time = at(19, 2, 17, 2, 8, 70);
    event.source_channel = "tcp_local";
    event.transport = Transport{
        {*IpAddress::parse("206.184.139.12"), 25}, {*IpAddress::parse("192.160.253.66"), 1244}};
    event.application = "SMTP";
    std::string exact;
    render(exact, event, options, TimeZone());
    EXPECT_EQ(
        exact,
        "19-Feb-1998 17:02:08.70 tcp_local    +            O "
        "TCP|206.184.139.12|25|192.160.253.66|1244 SMTP\n"
    );
    event = message(
        EventKind::enqueued, at(19, 2, 17, 2, 26, 65), "tcp_local", "l", "service@siroe.com",
        "adam@sesta.com", "adam"
    );
    event.source = {"THOR.SIROE.COM", "THOR.SIROE.COM", IpAddress::parse("192.160.253.66")};
    EXPECT_EQ(
        line_of(event, options),
        "19-Feb-1998 17:02:26.65 tcp_local l E 1 service@siroe.com rfc822;adam@sesta.com adam "
        "THOR.SIROE.COM (THOR.SIROE.COM [192.160.253.66])"
    );
    event.kind = EventKind::dequeued;
    event.time = at(19, 2, 17, 2, 31, 73);
    event.source_channel = "l";
    EXPECT_EQ(
        line_of(event, options),
        "19-Feb-1998 17:02:31.73 l D 1 service@siroe.com rfc822;adam@sesta.com adam"
    );
}

TEST(WorkedExample, AllOptionalFieldsOfTheSample) {
    LogOptions options = with_names();
    options.node = options.process = options.notary = options.username = true;
    options.connection = connection_bit::information;
    Event event = message(
        EventKind::enqueued, at(19, 1, 13, 13, 27, 10), "tcp_local", "l", "service@siroe.com",
        "adam@sesta.com", "adam"
    );
    event.node = "HOSTA";
    event.process = {0x2e2d, 2, 1};
    event.notary_flags = notary::had_parameters | notary::usual;
    event.file_name = "/imta/queue/l/ZZ01IWFY9ELGWM00094D.00";
    event.message_id = "<01IWFVYLGTS499EC9Y@siroe.com>";
    event.username = "inetmail";
    event.source = {"siroe.com", "siroe.com", IpAddress::parse("192.160.253.66")};
    EXPECT_EQ(
        line_of(event, options),
        "19-Jan-1998 13:13:27.10 HOSTA 2e2d.2.1 tcp_local l E 1 service@siroe.com "
        "rfc822;adam@sesta.com adam 276 /imta/queue/l/ZZ01IWFY9ELGWM00094D.00 "
        "<01IWFVYLGTS499EC9Y@siroe.com> inetmail siroe.com (siroe.com [192.160.253.66])"
    );
}

}  // namespace
}  // namespace sluice::log
