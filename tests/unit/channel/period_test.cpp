#include "channel/period.h"

#include <gtest/gtest.h>

namespace sluice::channel {
namespace {

struct Period {
    const char* text;
    long long seconds;
};
class GoodPeriod : public testing::TestWithParam<Period> {};
TEST_P(GoodPeriod, HasItsLength) {
    const auto period = parse_period(GetParam().text);
    ASSERT_TRUE(period);
    EXPECT_EQ(period->count(), GetParam().seconds);
}
INSTANTIATE_TEST_SUITE_P(
    Texts,
    GoodPeriod,
    testing::Values(
        Period{"PT5M", 300},
        Period{"pt5m", 300},
        Period{"PT1H30M", 5400},
        Period{"P1D", 86400},
        Period{"P1M", 30 * 86400},
        Period{"P2W", 14 * 86400},
        Period{"P1YT1S", 365 * 86400 + 1},
        Period{"P1dT0h1S", 86401},
        Period{"PT90S", 90}
    )
);

class BadPeriod : public testing::TestWithParam<const char*> {};
TEST_P(BadPeriod, IsRefused) {
    EXPECT_EQ(parse_period(GetParam()), std::nullopt);
}
INSTANTIATE_TEST_SUITE_P(
    Texts,
    BadPeriod,
    testing::Values(
        "",
        "P",
        "PT",
        "5M",
        "PT5",
        "PTM",
        "PT-5M",
        "P5H",
        "PT5D",
        "PT5M5M",
        "PT5S1H",
        "P1DT",
        "P1D1Y",
        "PT0S",
        "PT1.5H",
        "PT5M ",
        "P101Y",
        "PT18446744073709551616S",
        "P99Y99Y"
    )
);

}  // namespace
}  // namespace sluice::channel
