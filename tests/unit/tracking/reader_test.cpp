// Lines that real systems wrote, as their documents print them: each is understood, and what was
// read of it makes the same line again.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "log/render.h"
#include "tracking/entry_text.h"
#include "tracking/line_reader.h"
#include "tracking/postoffice_reader.h"
#include "tracking/qmail_reader.h"
#include "vectors.h"

namespace sluice::tracking {
namespace {

ReaderSettings utc() {
    ReaderSettings settings;
    settings.stamps.zone = TimeZone();
    settings.stamps.now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);
    return settings;
}

std::string collapsed(std::string_view text) {
    std::string out;
    for (const std::string_view word : split_words(text)) {
        if (!out.empty()) out += ' ';
        out += word;
    }
    return out;
}

// Captures of lower-case months and missing hundredths: the stamp is compared apart.
std::string without_stamp(std::string_view line) {
    return collapsed(line.substr(line.find(' ', line.find(' ') + 1)));
}

std::string written(const Record& record) {
    EXPECT_EQ(record.events.size(), 1U);
    std::string out;
    if (!record.events.empty()) log::render(out, record.events.front(), record.shows, TimeZone());
    if (out.ends_with('\n')) out.pop_back();
    return out;
}

TEST(SunLog, EverySampleLineIsWrittenAgainAsItWas) {
    const LineReader reader(utc());
    for (const std::string& line : vector_lines("sun.log")) {
        const Record record = reader.read(line);
        ASSERT_EQ(record.dialect, Dialect::sun) << line;
        EXPECT_EQ(without_stamp(written(record)), without_stamp(line));
        EXPECT_EQ(to_lower(written(record).substr(0, 20)), to_lower(line.substr(0, 20)));
    }
}

TEST(SunLog, FieldsOfTheFullSample) {
    const LineReader reader(utc());
    const std::string line = vector_lines("sun.log")[1];
    const log::Event event = reader.read(line).events.at(0);
    EXPECT_EQ(event.node, "HOSTA");
    EXPECT_EQ(event.process.pid, 0x2e2dU);
    EXPECT_EQ(event.process.thread, 2U);
    EXPECT_EQ(event.process.count, 1U);
    EXPECT_EQ(event.source_channel, "tcp_local");
    EXPECT_EQ(event.destination_channel, "l");
    EXPECT_EQ(event.sender, "service@siroe.com");
    EXPECT_EQ(event.original_recipient, "adam@sesta.com");
    EXPECT_EQ(event.recipient, "adam");
    EXPECT_EQ(event.notary_flags, 276U);
    EXPECT_EQ(event.file_name, "/imta/queue/l/ZZ01IWFY9ELGWM00094D.00");
    EXPECT_EQ(event.message_id, "<01IWFVYLGTS499EC9Y@siroe.com>");
    EXPECT_EQ(event.username, "inetmail");
    EXPECT_EQ(event.source.name, "siroe.com");
    EXPECT_EQ(event.source.reverse_name, "siroe.com");
    EXPECT_EQ(event.source.address, IpAddress::parse("192.160.253.66"));
}

TEST(SunLog, NotificationNamesBothMessages) {
    const LineReader reader(utc());
    const std::string line = vector_lines("sun.log")[13];
    const Record record = reader.read(line);
    const log::Event& event = record.events.at(0);
    EXPECT_EQ(event.sender, "");
    EXPECT_EQ(event.message_id, "<01ISKP22MW8894DTAS@SESTA.COM>");
    EXPECT_EQ(event.original_message_id, "<01ISKP0RYMAS94DU0K@SESTA.COM>");
}

TEST(SunLog, RefusalIsNoFlagsField) {
    const LineReader reader(utc());
    const Record record = reader.read(
        "28-May-1998 12:02:23.00 tcp_local                 J 0 a@b.example rfc822; c@d.example 550 "
        "5.7.1 Relaying not permitted: c@d.example"
    );
    EXPECT_EQ(record.events.at(0).diagnostic, "550 5.7.1 Relaying not permitted: c@d.example");
    EXPECT_EQ(record.events.at(0).status, (StatusCode{5, 7, 1}));
    EXPECT_FALSE(record.shows.notary);
}

struct Foreign {
    const char* name;
    const char* line;
    const char* entry;
};
class ForeignLine : public testing::TestWithParam<Foreign> {};

// Ruling 12 of the specification: what real systems wrote beyond the documents.
TEST_P(ForeignLine, IsUnderstood) {
    const LineReader reader(utc());
    const Record record = reader.read(GetParam().line);
    EXPECT_EQ(record.dialect, Dialect::sun);
    EXPECT_EQ(record.entry, GetParam().entry);
}

INSTANTIATE_TEST_SUITE_P(
    Ruling12,
    ForeignLine,
    testing::Values(
        Foreign{
            "unknownModifier",
            "19-Jan-2007 15:03:20.47 tcp_local    ims-ms       EEQ 2 a@b.c rfc822;d@e.f d@ims-ms",
            "EEQ"},
        Foreign{
            "chunkedTls",
            "19-Jan-2007 15:03:20.47 tcp_intranet ims-ms EESAC 2 a@b.c rfc822;d@e.f d@f", "EESAC"},
        Foreign{
            "noPadding", "19-Jan-2007 15:03:20.47 tcp_local + O TCP|1.2.3.4|25|5.6.7.8|99 SMTP",
            "O"},
        Foreign{"noTransport", "19-Jan-2007 15:03:20.47 tcp_local + C SMTP/helo.example", "C"},
        Foreign{"headerLine", "19-Jan-2007 15:03:20.47 > Subject: E 1 a rfc822;b", "header"},
        Foreign{
            "addressInDiagnostic",
            "19-Jan-2007 15:03:20.47 tcp_local R 1 a@b.c rfc822;d@e.f d@e.f dns;x.example smtp;550 "
            "<d@e.f>: gone",
            "R"},
        Foreign{
            "vmsDay",
            " 4-FEB-1998 00:06:26.72 tcp_local    conversion   E 9 a@b.c rfc822;d@e.f d@e.f", "E"},
        Foreign{"mailserv", "19-Jan-1998 15:03:20 mailserv S 0 a@b.c rfc822;d@e.f d@e.f", "S"},
        Foreign{
            "syslog",
            "Jan 19 15:03:20 host imta[12]: 19-Jan-2026 15:03:20.47 l tcp_local E 1 a@b.c "
            "rfc822;d@e.f d@e.f",
            "E"}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(PostOfficeLog, EverySampleLineIsWrittenAgainAsItWas) {
    const LineReader reader(utc());
    std::size_t control = 0;
    for (const std::string& line : vector_lines("postoffice.log")) {
        const Record record = reader.read(line);
        ASSERT_EQ(record.dialect, Dialect::postoffice) << line;
        EXPECT_EQ(write_postoffice(record), record.body);
        if (record.entry == "control")
            ++control;
        else
            EXPECT_TRUE(record.stamp.time) << line;
    }
    EXPECT_EQ(control, 14U);
}

TEST(PostOfficeLog, ReceivedMessageHasAnEventForEachRecipient) {
    const LineReader reader(utc());
    const Record record = reader.read(
        "19970226001321-0800:SMTP-Accept:Received:[10.2.21.3]:19970226081320963.AAA133@fido."
        "software"
        ".com:6703:0:<zack.taylor@megahuge.com>:<john.doe@software.com>,<jane.doe@software.com>"
    );
    ASSERT_EQ(record.events.size(), 2U);
    EXPECT_EQ(record.events[1].recipient, "jane.doe@software.com");
    EXPECT_EQ(record.events[1].sender, "zack.taylor@megahuge.com");
    EXPECT_EQ(record.events[1].bytes, 6703U);
    EXPECT_EQ(record.events[1].envelope_id, "19970226081320963.AAA133@fido.software.com");
    EXPECT_EQ(record.events[1].source.address, IpAddress::parse("10.2.21.3"));
    // 00:13:21 eight hours west of Greenwich.
    EXPECT_EQ(
        show_stamp(record.stamp, StampStyle::utc, TimeZone()), "1997-02-26 08:13:21.000000000"
    );
}

TEST(QmailLog, EverySampleLineIsWrittenAgainAsItWas) {
    const LineReader reader(utc());
    for (const char* file : {"qmail.log", "tcpserver.log", "tcpserver_readable.log"}) {
        for (const std::string& line : vector_lines(file)) {
            const Record record = reader.read(line);
            EXPECT_TRUE(
                record.dialect == Dialect::qmail_send || record.dialect == Dialect::qmail_smtpd ||
                record.dialect == Dialect::transcript
            ) << line;
            EXPECT_EQ(write_qmail(record), record.body);
            EXPECT_NE(record.entry, "qmail-smtpd") << "no form of its own: " << line;
        }
    }
}

TEST(QmailLog, SyslogAndItsOwnStampInFront) {
    const LineReader reader(utc());
    const Record record =
        reader.read("Sep 21 23:31:05 mail qmail: 1127359865.997071 new msg 12345");
    EXPECT_EQ(record.dialect, Dialect::qmail_send);
    EXPECT_EQ(record.syslog_prefix, "Sep 21 23:31:05 mail qmail: ");
    EXPECT_EQ(record.stamp.form, Stamp::Form::unix_time);
    EXPECT_EQ(record.field("msg"), "12345");
}

TEST(UnknownLine, IsNoEntry) {
    const LineReader reader(utc());
    for (const char* line :
         {"", " ", "hello", "19-Jan-1998 19:16:57.64", "19-Jan-1998 19:16:57.64 l E 1",
          "<en ts=\"x\"", "<en ac=\"E\" so=\"&bad;\"/>", "{\"el\":\"en\"}",
          "{\"el\":\"en\",\"ac\":7}", "@40000000433225833b6e1a8c hello",
          "19970226001320-0800:Unknown-Module:x", "\thello",
          "19-Jan-1998 19:16:57.64 l tcp_local E x a@b rfc822;c c"}) {
        const Record record = reader.read(line);
        EXPECT_FALSE(record.understood()) << line;
        EXPECT_TRUE(record.events.empty()) << line;
    }
}

}  // namespace
}  // namespace sluice::tracking
