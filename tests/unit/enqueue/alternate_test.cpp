#include "enqueue/alternate.h"

#include <gtest/gtest.h>

#include "support/site.h"

namespace sluice::enqueue {
namespace {

/// Where a copy for three recipients on tcp_x goes: a channel name, or "stays".
std::string taker(const std::string& keywords, const MessageMeasure& measure) {
    const auto site = test::make_site(
        {{"imta.cnf", ". $U%$H@tcp_x-daemon\n\nl\nmail.example.com\n\ntcp_x smtp " + keywords +
                          "\ntcp_x-daemon\n\ntcp_big smtp\ntcp_big-daemon\n"}}
    );
    const channel::Channel* own = site->imta.channels.find("tcp_x");
    // Three recipients in two files.
    const std::vector<Copy> copies{{own, {0, 1}, nullptr}, {own, {2}, nullptr}};
    const auto instead = alternate_channels(copies, measure, site->imta.channels);
    EXPECT_EQ(instead.at(0), instead.at(1));
    return instead[0] == nullptr ? "stays" : instead[0]->name();
}

TEST(Alternate, EachLimitDivertsOnlyAboveIt) {
    EXPECT_EQ(taker("alternatechannel tcp_big alternateblocklimit 2", {2048, 9, 1024}), "stays");
    EXPECT_EQ(taker("alternatechannel tcp_big alternateblocklimit 2", {2049, 9, 1024}), "tcp_big");
    EXPECT_EQ(taker("alternatechannel tcp_big alternatelinelimit 9", {2048, 9, 1024}), "stays");
    EXPECT_EQ(taker("alternatechannel tcp_big alternatelinelimit 8", {2048, 9, 1024}), "tcp_big");
}

TEST(Alternate, RecipientsAreCountedForTheWholeChannel) {
    EXPECT_EQ(taker("alternatechannel tcp_big alternaterecipientlimit 3", {}), "stays");
    EXPECT_EQ(taker("alternatechannel tcp_big alternaterecipientlimit 2", {}), "tcp_big");
}

TEST(Alternate, WithoutAChannelThatExistsNothingMoves) {
    EXPECT_EQ(taker("alternateblocklimit 1", {5000, 9, 1024}), "stays");
    EXPECT_EQ(taker("alternatechannel tcp_no alternateblocklimit 1", {5000, 9, 1024}), "stays");
    EXPECT_EQ(taker("alternatechannel tcp_big", {5000, 9, 1024}), "stays");
}

}  // namespace
}  // namespace sluice::enqueue
