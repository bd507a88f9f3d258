#include "client_context.h"

#include <gtest/gtest.h>

#include "deadlines.h"
#include "support/channel_builder.h"

namespace sluice::tcp_client {
namespace {

using channel::make_channel;
using Hello = smtp::ClientSettings::Hello;

TEST(SessionSettings, KeywordsChooseTheGreeting) {
    const config::TcpChannelOptions options;
    const auto hello = [&](std::string_view keywords) {
        return session_settings(make_channel("tcp_x", keywords), options, "h").hello;
    };
    EXPECT_EQ(hello("smtp"), Hello::by_default);
    EXPECT_EQ(hello("smtp ehlo"), Hello::ehlo);
    EXPECT_EQ(hello("smtp checkehlo"), Hello::check_banner);
    EXPECT_EQ(hello("smtp noehlo"), Hello::never_ehlo);
}

TEST(SessionSettings, NameInEhloIsTheBannerHostOrOurs) {
    config::TcpChannelOptions options;
    const auto channel = make_channel("tcp_x", "smtp", "tcp_x-daemon");
    EXPECT_EQ(session_settings(channel, options, "mail.example.com").host, "mail.example.com");
    options.banner_host = "out.example.com";
    EXPECT_EQ(session_settings(channel, options, "mail.example.com").host, "out.example.com");
}

TEST(SessionSettings, LmtpChannelsTalkLmtp) {
    const config::TcpChannelOptions options;
    using Protocol = smtp::ClientSettings::Protocol;
    EXPECT_EQ(
        session_settings(make_channel("tcp_x", "lmtp"), options, "h").protocol, Protocol::lmtp
    );
    EXPECT_EQ(
        session_settings(make_channel("tcp_x", "smtp"), options, "h").protocol, Protocol::smtp
    );
}

TEST(RouteSettings, KeywordsAndOptions) {
    config::TcpChannelOptions options;
    options.max_mx_records = 3;
    options.max_a_records = 4;
    const auto settings = route_settings(
        make_channel(
            "tcp_x",
            "smtp nomx port=2525 daemon=router lastresort=r.example interfaceaddress=192.0.2.1",
            "gw.example"
        ),
        options
    );
    EXPECT_EQ(settings.mx, channel::MxUse::none);
    EXPECT_EQ(settings.port, 2525);
    EXPECT_EQ(settings.daemon, "gw.example");
    EXPECT_EQ(settings.last_resort, "r.example");
    EXPECT_EQ(settings.max_mx, 3U);
    EXPECT_EQ(settings.max_addresses, 4U);
    EXPECT_EQ(settings.source, IpAddress::parse("192.0.2.1"));
}

TEST(RouteSettings, InterfaceOfTheOptionFileServesWithoutKeyword) {
    config::TcpChannelOptions options;
    options.interface_address = "192.0.2.2";
    EXPECT_EQ(
        route_settings(make_channel("tcp_x", "smtp"), options).source, IpAddress::parse("192.0.2.2")
    );
    EXPECT_EQ(
        route_settings(make_channel("tcp_x", "smtp interfaceaddress=192.0.2.1"), options).source,
        IpAddress::parse("192.0.2.1")
    );
}

TEST(Deadlines, ReplyAfterTheDotGrowsWithRecipientsAndBlocks) {
    config::TcpChannelOptions options;
    options.status_rcpt_receive_time = std::chrono::seconds(7);
    using smtp::Phase;
    using std::chrono::milliseconds;
    EXPECT_EQ(reply_time(Phase::rcpt, 10, 10, options), milliseconds(7000));
    EXPECT_EQ(reply_time(Phase::dot, 0, 0, options), milliseconds(600000));
    EXPECT_EQ(
        reply_time(Phase::dot, 2, 10, options),
        milliseconds(600000 + 2 * 5000 + 10 * 100 + 20 * 200)
    );
}

TEST(Deadlines, WritingHasALimitPerPhase) {
    config::TcpChannelOptions options;
    options.mail_transmit_time = std::chrono::seconds(1);
    options.rcpt_transmit_time = std::chrono::seconds(2);
    options.data_transmit_time = std::chrono::seconds(3);
    options.dot_transmit_time = std::chrono::seconds(4);
    options.command_transmit_time = std::chrono::seconds(5);
    using smtp::Phase;
    using std::chrono::seconds;
    EXPECT_EQ(transmit_time(Phase::mail, options), seconds(1));
    EXPECT_EQ(transmit_time(Phase::rcpt, options), seconds(2));
    EXPECT_EQ(transmit_time(Phase::body, options), seconds(3));
    EXPECT_EQ(transmit_time(Phase::dot, options), seconds(4));
    EXPECT_EQ(transmit_time(Phase::hello, options), seconds(5));
    options.data_transmit_time = seconds(6);  // the last of the message goes out with the dot
    EXPECT_EQ(transmit_time(Phase::dot, options), seconds(6));
}

}  // namespace
}  // namespace sluice::tcp_client
