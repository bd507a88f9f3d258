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

}  // namespace
}  // namespace sluice::policy
