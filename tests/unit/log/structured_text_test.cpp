#include "log/structured_text.h"

#include <gtest/gtest.h>

#include "log/render.h"

namespace sluice::log {
namespace {

// 2026-01-19 19:16:57.64 UTC
const WallTime moment =
    WallTime(std::chrono::seconds(1768850217)) + std::chrono::microseconds(649999);

Event enqueued() {
    Event event;
    event.kind = EventKind::enqueued;
    event.time = moment;
    event.process = {0x1e488, std::nullopt, 0};
    event.source_channel = "l";
    event.destination_channel = "tcp_local";
    event.bytes = 900;
    event.sender = "adam@sesta.com";
    event.original_recipient = "marlowe@siroe.com";
    event.recipient = "marlowe@siroe.com";
    return event;
}

// The test vector of logging.md section 5.1.
TEST(Xml, MessageEntry) {
    Event event = enqueued();
    event.file_name = "/q/tcp_local/ZZ01ISKLSKLZLI90N15M.00";
    event.message_id = "<01ISKLSKC2QC90N15M@sesta.com>";
    event.username = "adam";
    LogOptions options;
    options.process = options.notary = options.filename = options.message_id = options.username =
        true;
    EXPECT_EQ(
        render_xml(event, options, TimeZone()),
        "<en ts=\"2026-01-19T19:16:57.64\" pi=\"1e488.0\" sc=\"l\" dc=\"tcp_local\" ac=\"E\" "
        "sz=\"1\" so=\"adam@sesta.com\" od=\"rfc822;marlowe@siroe.com\" de=\"marlowe@siroe.com\" "
        "rf=\"20\" fi=\"/q/tcp_local/ZZ01ISKLSKLZLI90N15M.00\" "
        "mi=\"&lt;01ISKLSKC2QC90N15M@sesta.com&gt;\" us=\"adam\"/>"
    );
}

TEST(Xml, ConnectionEntry) {
    Event event;
    event.kind = EventKind::connection_opened;
    event.time = WallTime(std::chrono::seconds(1768850220)) + std::chrono::milliseconds(100);
    event.process = {0x1f625, 2, 0};
    event.source_channel = "tcp_local";
    event.direction = Direction::outbound;
    event.transport = Transport{
        {*IpAddress::parse("206.184.139.12"), 5900}, {*IpAddress::parse("206.184.139.66"), 25}};
    event.application = "SMTP/hostb.sesta.com/mailhub.sesta.com";
    LogOptions options;
    options.process = true;
    EXPECT_EQ(
        render_xml(event, options, TimeZone()),
        "<co ts=\"2026-01-19T19:17:00.10\" pi=\"1f625.2.0\" sc=\"tcp_local\" dr=\"-\" ac=\"O\" "
        "tr=\"TCP|206.184.139.12|5900|206.184.139.66|25\" "
        "ap=\"SMTP/hostb.sesta.com/mailhub.sesta.com\"/>"
    );
}

TEST(Json, MessageEntry) {
    Event event = enqueued();
    event.status = StatusCode{2, 1, 5};
    EXPECT_EQ(
        render_json(event, {}, TimeZone()),
        "{\"el\":\"en\",\"ts\":\"2026-01-19T19:16:57.64\",\"sc\":\"l\",\"dc\":\"tcp_local\","
        "\"ac\":\"E\",\"sz\":1,\"so\":\"adam@sesta.com\",\"od\":\"rfc822;marlowe@siroe.com\","
        "\"de\":\"marlowe@siroe.com\",\"by\":900,\"es\":\"2.1.5\"}"
    );
}

// Transport to diagnostic in one piece, at the end: filters of fail2ban look for it.
TEST(Xml, AuthenticationEntry) {
    Event event;
    event.kind = EventKind::authentication;
    event.time = moment;
    event.session = 7;
    event.source_channel = "tcp_submit";
    event.transport = Transport{
        {*IpAddress::parse("192.0.2.1"), 587}, {*IpAddress::parse("198.51.100.9"), 40000}};
    event.application = "SUBMIT";
    event.message_info = "Bad password";
    event.diagnostic = "535 5.7.8 Bad username or password.";
    LogOptions options;
    options.message_id = options.session = true;
    EXPECT_EQ(
        render_xml(event, options, TimeZone()),
        "<co ts=\"2026-01-19T19:16:57.64\" sc=\"tcp_submit\" dr=\"+\" ac=\"U\" sn=\"7\" "
        "tr=\"TCP|192.0.2.1|587|198.51.100.9|40000\" ap=\"SUBMIT\" mi=\"Bad password\" us=\"\" "
        "di=\"535 5.7.8 Bad username or password.\"/>"
    );
}

TEST(Xml, SessionAndTiming) {
    Event event = enqueued();
    event.session = 9;
    event.transaction_time = std::chrono::milliseconds(250);
    LogOptions options;
    EXPECT_EQ(render_xml(event, options, TimeZone()).find("sn="), std::string::npos);
    options.session = options.timing = true;
    EXPECT_TRUE(render_xml(event, options, TimeZone()).ends_with(" sn=\"9\" tt=\"250\"/>"));
}

TEST(Xml, MessageIdWithoutItsEndIsShown) {
    Event event = enqueued();
    event.message_id = "<no-end@sesta.com";
    LogOptions options;
    options.message_id = true;
    EXPECT_NE(
        render_xml(event, options, TimeZone()).find("mi=\"&lt;no-end@sesta.com\""),
        std::string::npos
    );
}

TEST(Json, HeaderEntry) {
    Event event;
    event.kind = EventKind::header_line;
    event.time = moment;
    event.header_line = "Subject: \"quoted\"";
    EXPECT_EQ(
        render_json(event, {}, TimeZone()),
        "{\"el\":\"he\",\"ts\":\"2026-01-19T19:16:57.64\",\"va\":\"Subject: \\\"quoted\\\"\"}"
    );
}

TEST(StructuredText, WhatIsForeignBreaksNothing) {
    Event event = enqueued();
    event.sender = "a\"<b>&\r\nc\x01\t\x7f\xff\xc2\x85\xc3\xa4@d";
    const std::string xml = render_xml(event, {}, TimeZone());
    EXPECT_NE(xml.find("so=\"a&quot;&lt;b&gt;&amp; c?&#9;???\xc3\xa4@d\""), std::string::npos)
        << xml;
    const std::string json = render_json(event, {}, TimeZone());
    EXPECT_NE(
        json.find("\"so\":\"a\\\"<b>& c\\u0001\\u0009\\u007f\\ufffd\\u0085\xc3\xa4@d\""),
        std::string::npos
    ) << json;
}

TEST(StructuredText, PasswordsOfARejectedCommandStayOut) {
    Event event = enqueued();
    event.kind = EventKind::bad_command;
    event.command = "AUTH PLAIN c2VjcmV0";
    EXPECT_EQ(render_xml(event, {}, TimeZone()).find("c2VjcmV0"), std::string::npos);
    EXPECT_EQ(render_json(event, {}, TimeZone()).find("c2VjcmV0"), std::string::npos);
}

TEST(StructuredText, LongTextsAreCutAndTheLineStaysWhole) {
    Event event = enqueued();
    event.sender = std::string(5000, '"');
    event.recipient = std::string(5000, '&');
    event.diagnostic = std::string(5000, '\x01');
    const std::string xml = render_xml(event, {}, TimeZone());
    EXPECT_LE(xml.size(), 8192U);
    EXPECT_TRUE(xml.ends_with("/>"));
    EXPECT_NE(xml.find("&amp;...\""), std::string::npos);
    const std::string json = render_json(event, {}, TimeZone());
    EXPECT_LE(json.size(), 8192U);
    EXPECT_TRUE(json.ends_with("}"));
}

TEST(StructuredText, FormatDecides) {
    LogOptions options;
    std::string out;
    for (const int format : {1, 4, 5, 6}) {
        options.format = format;
        render(out, enqueued(), options, TimeZone());
    }
    EXPECT_TRUE(out.starts_with("19-Jan-2026 19:16:57.64 l "));
    EXPECT_NE(out.find("\n<en ts="), std::string::npos);
    EXPECT_NE(out.find("/>\n{\"el\":"), std::string::npos);
    EXPECT_NE(out.find("}\n{\"el\":"), std::string::npos);
}

}  // namespace
}  // namespace sluice::log
