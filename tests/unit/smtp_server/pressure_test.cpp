#include "channels/tcp_smtp/server/pressure.h"

#include <gtest/gtest.h>

namespace sluice::smtp_server {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const MonoTime start{1h};
const IpAddress amy = *IpAddress::parse("192.0.2.1");
const IpAddress ben = *IpAddress::parse("192.0.2.2");

TEST(SourceRates, AShareIsFreeAndMoreWaits) {
    SourceRates rates;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(rates.wait_of(amy, 10, start), 0ms) << i;
    EXPECT_EQ(rates.wait_of(amy, 10, start), 100ms);
    EXPECT_EQ(rates.wait_of(amy, 10, start), 200ms);
    EXPECT_EQ(rates.wait_of(ben, 10, start), 0ms) << "another address has its own";
}

TEST(SourceRates, NobodyWaitsLongerThanASecond) {
    SourceRates rates;
    milliseconds longest{0};
    for (int i = 0; i < 10'000; ++i) longest = std::max(longest, rates.wait_of(amy, 10, start));
    EXPECT_EQ(longest, 1000ms);
    // What was beyond the bound is not owed for ever.
    EXPECT_EQ(rates.wait_of(amy, 10, start + 2s), 0ms);
}

TEST(SourceRates, WhoKeepsToTheRateNeverWaits) {
    SourceRates rates;
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(rates.wait_of(amy, 10, start + i * 100ms), 0ms);
}

TEST(SourceRates, NetworkOfAnIpv6HostIsOneSource) {
    SourceRates rates;
    EXPECT_EQ(rates.wait_of(*IpAddress::parse("2001:db8:0:1::5"), 1, start), 0ms);
    EXPECT_EQ(rates.wait_of(*IpAddress::parse("2001:db8:0:1:ffff::6"), 1, start), 1000ms);
    EXPECT_EQ(rates.wait_of(*IpAddress::parse("2001:db8:0:2::5"), 1, start), 0ms);
}

TEST(SourceRates, AddressesAreBounded) {
    SourceRates rates;
    for (std::uint32_t i = 0; i < 3 * SourceRates::most_sources; ++i) {
        std::array<std::uint8_t, 4> octets{
            10, static_cast<std::uint8_t>(i >> 16U), static_cast<std::uint8_t>(i >> 8U),
            static_cast<std::uint8_t>(i)};
        EXPECT_EQ(rates.wait_of(IpAddress::v4(octets), 1, start), 0ms);
    }
    EXPECT_LE(rates.size(), SourceRates::most_sources);
}

TEST(Pressure, TellsWhetherTheStressIsAnother) {
    Pressure pressure;
    EXPECT_FALSE(pressure.is_stressed() || pressure.is_braking());
    EXPECT_TRUE(pressure.set(true, {}));
    EXPECT_TRUE(pressure.is_stressed());
    EXPECT_FALSE(pressure.set(true, {"l"}));
    EXPECT_TRUE(pressure.is_braking());
    EXPECT_TRUE(pressure.is_behind("l"));
    EXPECT_FALSE(pressure.is_behind("tcp_local"));
    EXPECT_TRUE(pressure.set(false, {"*"}));
    EXPECT_TRUE(pressure.is_behind("tcp_local"));
    EXPECT_FALSE(pressure.set(false, {}));
    EXPECT_FALSE(pressure.is_braking());
}

}  // namespace
}  // namespace sluice::smtp_server
