#include "log/diagnostic.h"

#include <gtest/gtest.h>

#include "log/process_field.h"

namespace sluice::log {
namespace {

const Transport peer = {
    {*IpAddress::parse("192.0.2.1"), 25}, {*IpAddress::parse("2001:db8::2"), 1244}};

struct SourceCase {
    SourceSystem source;
    const char* text;
};
class ConnectionText : public testing::TestWithParam<SourceCase> {};
TEST_P(ConnectionText, ShowsWhatTheIdentKeywordsAllow) {
    EXPECT_EQ(connection_text(GetParam().source), GetParam().text);
}
const auto ip = IpAddress::parse("192.0.2.7");
INSTANTIATE_TEST_SUITE_P(
    Sources,
    ConnectionText,
    testing::Values(
        SourceCase{{"helo", "rdns", ip}, "helo (rdns [192.0.2.7])"},
        SourceCase{{"helo", "", ip}, "helo ([192.0.2.7])"},
        SourceCase{{"helo", "rdns", ip, PeerDisplay::address_only}, "helo ([192.0.2.7])"},
        SourceCase{{"helo", "rdns", ip, PeerDisplay::name_only}, "helo (rdns)"},
        SourceCase{{"helo", "rdns", ip, PeerDisplay::none}, "helo"},
        SourceCase{
            {"helo", "rdns", ip, PeerDisplay::name_and_address, "adam"},
            "helo (adam@rdns [192.0.2.7])"},
        SourceCase{
            {"helo", "rdns", ip, PeerDisplay::address_only, "adam"}, "helo (adam@[192.0.2.7])"},
        SourceCase{{"helo", "rdns", ip, PeerDisplay::none, "adam"}, "helo"},
        SourceCase{
            {"helo", "", ip, PeerDisplay::name_and_address, "x) (y\n"},
            "helo (x)\\x20(y\\x0a@[192.0.2.7])"},
        SourceCase{{"channel.host", "", std::nullopt}, "channel.host"},
        SourceCase{{"", "", std::nullopt}, ""},
        SourceCase{{"", "rdns", ip}, "(rdns [192.0.2.7])"},
        SourceCase{{"a b\r\nc", "d e", ip}, "a\\x20b\\x0d\\x0ac (d\\x20e [192.0.2.7])"}
    )
);

TEST(TransportText, WritesLocalFirstAndNoBrackets) {
    EXPECT_EQ(transport_text(peer), "TCP|192.0.2.1|25|2001:db8::2|1244");
}

TEST(ApplicationText, NamesTheHostsItKnows) {
    EXPECT_EQ(application_text("SMTP"), "SMTP");
    EXPECT_EQ(application_text("SMTP", "a.example", "mx.a.example"), "SMTP/a.example/mx.a.example");
    EXPECT_EQ(application_text("LMTP", "helo name"), "LMTP/helo\\x20name");
}

TEST(ClientDiagnostic, LeavesOutWhatOptionsTurnOff) {
    const ClientStatus status = {"h.example", &peer, "220-a\r\n220 b", "550-no\r\n550 never\r\n"};
    const std::string transport = "(TCP|192.0.2.1|25|2001:db8::2|1244)";
    EXPECT_EQ(
        client_diagnostic(status, {}),
        "dns;h.example " + transport + " (a 220 b) smtp;550-no 550 never"
    );
    EXPECT_EQ(
        client_diagnostic(status, {.banner = false, .transport_info = false}),
        "dns;h.example smtp;550-no 550 never"
    );
    EXPECT_EQ(
        client_diagnostic(status, {.banner = false, .transport_info = false, .connection = 3}),
        "dns;h.example " + transport + " smtp;550-no 550 never"
    );
    EXPECT_EQ(
        client_diagnostic(status, {.banner = false, .transport_info = false, .remote_mta = 1}),
        "smtp;550-no 550 never"
    );
    EXPECT_EQ(client_diagnostic({}, {}), "");
}

TEST(ClientDiagnostic, HostileBannersAndRepliesStayOnTheLine) {
    const ClientStatus status = {
        "h\nx", nullptr, "220 " + std::string(10000, 'b'), "250 ok\n19-Jan-1998 forged\r\n"};
    const std::string text = client_diagnostic(status, {});
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_TRUE(text.starts_with("dns;h\\x0ax (bbb"));
    EXPECT_TRUE(text.ends_with("bbb...) smtp;250 ok\\x0a19-Jan-1998 forged"));
}

TEST(ProcessField, StepsOncePerOperation) {
    ProcessField field(0x1f625, 2);
    EXPECT_EQ(field.next_operation().count, 0U);
    const ProcessTag tag = field.next_operation();
    EXPECT_EQ(tag.count, 1U);
    EXPECT_EQ(tag.thread, 2U);
    EXPECT_FALSE(ProcessField(7).next_operation().thread.has_value());
    const auto first = this_thread_process_field().next_operation();
    const auto second = this_thread_process_field().next_operation();
    EXPECT_EQ(first.thread, second.thread);
    EXPECT_EQ(first.count + 1, second.count);
}

}  // namespace
}  // namespace sluice::log
