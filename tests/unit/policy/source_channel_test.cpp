#include "policy/source_channel.h"

#include <gtest/gtest.h>

#include "support/site.h"

namespace sluice::policy {
namespace {

std::string channel_for(const char* ip, const char* default_channel = "tcp_local") {
    const auto site = test::make_site();
    mapping::NoAnswers answers;
    return choose_source_channel(
               *site, *site->imta.channels.find(default_channel), *IpAddress::parse(ip), "", answers
    )
        .name();
}

TEST(SourceChannel, InternalAddressSwitches) {
    EXPECT_EQ(channel_for("127.0.0.1"), "tcp_intranet");
}
TEST(SourceChannel, OtherAddressesStay) {
    EXPECT_EQ(channel_for("127.0.0.2"), "tcp_local");
    EXPECT_EQ(channel_for("192.0.2.7"), "tcp_local");
    EXPECT_EQ(channel_for("2001:db8::1"), "tcp_local");
}
TEST(SourceChannel, ChannelWithoutTheKeywordNeverSwitches) {
    EXPECT_EQ(channel_for("127.0.0.1", "tcp_intranet"), "tcp_intranet");
}

/// The shipped channels and two more: `tcp_shut` lets nobody switch to it.
config::ConfigurationPtr site_with_more_channels() {
    std::map<std::string, std::string> changes;
    changes["imta.cnf"] =
        "[192.0.2.1] $U%[$L]@tcp_shut-daemon\n"
        "[192.0.2.2] $U%[$L]@tcp_local-daemon\n"
        "inside.example $U%$D@tcp_open-daemon\n"
        ". $U%$H@tcp_local-daemon\n"
        "\nl\nmail.example.com\n"
        "\ntcp_local switchchannel saslswitchchannel tcp_open tlsswitchchannel tcp_shut\n"
        "tcp_local-daemon\n"
        "\ntcp_open\ntcp_open-daemon\n"
        "\ntcp_shut noswitchchannel\ntcp_shut-daemon\n";
    return test::make_site(changes);
}

TEST(SourceChannel, NameCountsOnlyWhereTheAddressSaysNothing) {
    const auto site = site_with_more_channels();
    ASSERT_TRUE(site);
    mapping::NoAnswers answers;
    const auto choose = [&](const char* ip) {
        return choose_source_channel(
                   *site, *site->imta.channels.find("tcp_local"), *IpAddress::parse(ip),
                   "inside.example", answers
        )
            .name();
    };
    EXPECT_EQ(choose("192.0.2.1"), "tcp_local");  // a channel of its own, which does not let it in
    EXPECT_EQ(choose("192.0.2.2"), "tcp_open");
    EXPECT_EQ(choose("192.0.2.3"), "tcp_open");
}

TEST(SourceChannel, SwitchesAfterTlsAndAuthenticationWhereTheTargetAllowsIt) {
    const auto site = site_with_more_channels();
    ASSERT_TRUE(site);
    const auto switched = [&](const char* from, SwitchReason reason, Trace* trace = nullptr) {
        return switched_source_channel(*site, *site->imta.channels.find(from), reason, trace)
            .name();
    };
    Trace trace;
    EXPECT_EQ(switched("tcp_local", SwitchReason::authentication, &trace), "tcp_open");
    EXPECT_EQ(switched("tcp_local", SwitchReason::tls, &trace), "tcp_local");
    EXPECT_EQ(switched("tcp_open", SwitchReason::tls, &trace), "tcp_open");
    ASSERT_EQ(trace.size(), 3U);
    EXPECT_EQ(trace[0].text, "source channel tcp_open, saslswitchchannel of channel tcp_local");
    EXPECT_EQ(
        trace[1].text,
        "source channel tcp_local, as channel tcp_shut has neither allowswitchchannel nor "
        "switchchannel"
    );
}

TEST(SourceChannel, TellsWhy) {
    const auto site = test::make_site();
    mapping::NoAnswers answers;
    Trace trace;
    choose_source_channel(
        *site, *site->imta.channels.find("tcp_local"), *IpAddress::parse("127.0.0.1"), "", answers,
        &trace
    );
    ASSERT_EQ(trace.size(), 2U);
    EXPECT_FALSE(trace[0].rewrite_steps.empty());
    EXPECT_FALSE(trace[0].mapping_steps.empty());
    EXPECT_EQ(trace[1].text, "source channel tcp_intranet, to which the client belongs");
}

}  // namespace
}  // namespace sluice::policy
