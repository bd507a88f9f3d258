#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(IpAddress, ReadsAndWritesBothFamilies) {
    EXPECT_EQ(IpAddress::parse("192.0.2.1")->to_string(), "192.0.2.1");
    EXPECT_EQ(IpAddress::parse("2001:DB8:0::1")->to_string(), "2001:db8::1");
    for (const char* bad :
         {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "[::1]", "::1%lo", "01.2.3.4 "}) {
        EXPECT_FALSE(IpAddress::parse(bad)) << bad;
    }
}

TEST(IpAddress, PrefixesCompareBitByBit) {
    const auto network = *IpAddress::parse("10.1.128.0");
    EXPECT_TRUE(IpAddress::parse("10.1.200.9")->matches_prefix(network, 17));
    EXPECT_FALSE(IpAddress::parse("10.1.100.9")->matches_prefix(network, 17));
    EXPECT_TRUE(IpAddress::parse("1.2.3.4")->matches_prefix(network, 0));
    EXPECT_FALSE(IpAddress::parse("::1")->matches_prefix(network, 0));
    EXPECT_FALSE(network.matches_prefix(network, 33));
}

}  // namespace
}  // namespace sluice
