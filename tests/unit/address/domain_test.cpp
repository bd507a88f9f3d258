#include "address/domain.h"

#include <gtest/gtest.h>

namespace sluice::address {
namespace {

TEST(Domain, ComparesWithoutCaseAndFinalDot) {
    EXPECT_TRUE(same_domain("Example.COM", "example.com"));
    EXPECT_TRUE(same_domain("example.com.", "example.com"));
    EXPECT_FALSE(same_domain("example.com", "example.org"));
    EXPECT_FALSE(same_domain("example.com", "www.example.com"));
    EXPECT_FALSE(same_domain("", "."));
}

TEST(Domain, ComparesLiteralsByAddress) {
    EXPECT_TRUE(same_domain("[IPv6:2001:db8::1]", "[ipv6:2001:DB8:0:0:0:0:0:1]"));
    EXPECT_FALSE(same_domain("[192.0.2.1]", "[192.0.2.2]"));
    EXPECT_FALSE(same_domain("[192.0.2.1]", "192.0.2.1"));
    EXPECT_FALSE(same_domain("[x]", "[y]"));
}

TEST(Domain, FindsTheAddressInALiteral) {
    EXPECT_EQ(literal_address("[192.0.2.7]"), IpAddress::parse("192.0.2.7"));
    EXPECT_EQ(literal_address("[IPv6:2001:db8::7]"), IpAddress::parse("2001:db8::7"));
    EXPECT_EQ(literal_address("[2001:db8::7]"), std::nullopt);
    EXPECT_EQ(literal_address("[IPv6:192.0.2.7]"), std::nullopt);
    EXPECT_EQ(literal_address("[192.0.2]"), std::nullopt);
    EXPECT_EQ(literal_address("192.0.2.7"), std::nullopt);
    EXPECT_EQ(literal_address("["), std::nullopt);
    EXPECT_EQ(literal_address("[]"), std::nullopt);
}

}  // namespace
}  // namespace sluice::address
