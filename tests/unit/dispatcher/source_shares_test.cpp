#include "dispatcher/source_shares.h"

#include <gtest/gtest.h>

namespace sluice::dispatcher {
namespace {

const IpAddress amy = *IpAddress::parse("192.0.2.1");
const IpAddress ben = *IpAddress::parse("192.0.2.2");

TEST(SourceShares, EachAddressHasItsOwnShare) {
    SourceShares shares(2);
    EXPECT_TRUE(shares.enter(1, amy));
    EXPECT_TRUE(shares.enter(2, amy));
    EXPECT_FALSE(shares.enter(3, amy));
    EXPECT_TRUE(shares.enter(4, ben));
    shares.leave(3);  // never counted
    EXPECT_FALSE(shares.enter(5, amy));
    shares.leave(1);
    EXPECT_TRUE(shares.enter(6, amy));
}

TEST(SourceShares, NetworkOfAnIpv6HostIsOneSource) {
    SourceShares shares(1);
    EXPECT_TRUE(shares.enter(1, *IpAddress::parse("2001:db8:0:1::5")));
    EXPECT_FALSE(shares.enter(2, *IpAddress::parse("2001:db8:0:1:ffff::6")));
    EXPECT_TRUE(shares.enter(3, *IpAddress::parse("2001:db8:0:2::5")));
}

TEST(SourceShares, DeadWorkerGivesBackWhatItHad) {
    SourceShares shares(3);
    for (std::uint64_t id = 1; id <= 3; ++id) {
        EXPECT_TRUE(shares.enter(id, amy));
        shares.assign(id, amy, id == 3 ? 8 : 7);
    }
    shares.leave_all_of(7);
    EXPECT_EQ(shares.connections_of(amy), 1U);
    // It never came to serve this one, which goes to another worker.
    shares.assign(2, amy, 8);
    EXPECT_EQ(shares.connections_of(amy), 2U);
    shares.leave(2);
    shares.leave(2);
    EXPECT_EQ(shares.connections_of(amy), 1U);
}

TEST(SourceShares, WithoutALimitNothingIsKept) {
    SourceShares shares(0);
    for (std::uint64_t id = 1; id <= 100; ++id) {
        EXPECT_TRUE(shares.enter(id, amy));
        shares.assign(id, amy, 1);
    }
    EXPECT_EQ(shares.connections_of(amy), 0U);
    shares.set_limit(1);
    EXPECT_TRUE(shares.enter(101, amy));
    EXPECT_FALSE(shares.enter(102, amy));
    shares.leave(1);  // from the time without
    EXPECT_EQ(shares.connections_of(amy), 1U);
    shares.set_limit(0);
    EXPECT_TRUE(shares.enter(103, amy));
}

TEST(SourceShares, UnderStressTheLowerLimitHolds) {
    SourceShares shares(0, true);
    for (std::uint64_t id = 1; id <= 5; ++id) EXPECT_TRUE(shares.enter(id, amy));
    shares.tighten(3);
    EXPECT_FALSE(shares.enter(6, amy));
    EXPECT_TRUE(shares.is_tightened_for(amy));
    EXPECT_TRUE(shares.enter(7, ben));
    EXPECT_FALSE(shares.is_tightened_for(ben));
    for (std::uint64_t id = 1; id <= 3; ++id) shares.leave(id);
    EXPECT_TRUE(shares.enter(8, amy));
    EXPECT_FALSE(shares.enter(9, amy));
    shares.tighten(0);
    EXPECT_TRUE(shares.enter(10, amy));
}

TEST(SourceShares, TheOwnLimitIsToldBeforeThatOfStress) {
    SourceShares shares(2, true);
    shares.tighten(2);
    EXPECT_TRUE(shares.enter(1, amy));
    EXPECT_TRUE(shares.enter(2, amy));
    EXPECT_FALSE(shares.enter(3, amy));
    EXPECT_FALSE(shares.is_tightened_for(amy));
}

}  // namespace
}  // namespace sluice::dispatcher
