#include "dispatcher/stress_state.h"

#include <gtest/gtest.h>

namespace sluice::dispatcher {
namespace {

using namespace std::chrono_literals;
using Change = StressState::Change;

const MonoTime start{1h};

TEST(StressState, BeginsAtOnceWhereEightyOfAHundredAreTaken) {
    StressState stress(80);
    EXPECT_EQ(stress.observe(79, 100, start), Change::none);
    EXPECT_FALSE(stress.is_on());
    EXPECT_EQ(stress.observe(80, 100, start), Change::began);
    EXPECT_TRUE(stress.is_on());
    EXPECT_EQ(stress.observe(100, 100, start + 1s), Change::none);
}

TEST(StressState, EndsWhenAFifthLessWasTakenForTenSeconds) {
    StressState stress(80);
    stress.observe(90, 100, start);
    EXPECT_EQ(stress.observe(64, 100, start + 1h), Change::none) << "64 is four fifths of 80";
    EXPECT_EQ(stress.observe(63, 100, start + 2h), Change::none);
    EXPECT_EQ(stress.observe(63, 100, start + 2h + 9s), Change::none);
    EXPECT_EQ(stress.observe(63, 100, start + 2h + 10s), Change::ended);
    EXPECT_FALSE(stress.is_on());
}

TEST(StressState, AShortCalmIsNone) {
    StressState stress(80);
    stress.observe(90, 100, start);
    stress.observe(10, 100, start + 1s);
    stress.observe(70, 100, start + 5s);
    EXPECT_EQ(stress.observe(10, 100, start + 11s), Change::none);
    EXPECT_EQ(stress.observe(10, 100, start + 21s), Change::ended);
}

TEST(StressState, BetweenTheBoundsItStaysWhatItIs) {
    StressState stress(80);
    for (int second = 0; second < 100; ++second)
        EXPECT_EQ(stress.observe(79, 100, start + second * 1s), Change::none);
    EXPECT_FALSE(stress.is_on());
    stress.observe(80, 100, start + 100s);
    for (int second = 101; second < 200; ++second)
        EXPECT_EQ(stress.observe(65, 100, start + second * 1s), Change::none);
    EXPECT_TRUE(stress.is_on());
}

TEST(StressState, NeverWithoutAPercentageOrForAHandfulOfPlaces) {
    StressState off(0);
    EXPECT_EQ(off.observe(100, 100, start), Change::none);
    StressState small(80);
    EXPECT_EQ(small.observe(9, 9, start), Change::none);
    EXPECT_EQ(small.observe(8, 10, start), Change::began);
    small.set_percent(0);
    EXPECT_EQ(small.observe(10, 10, start + 1s), Change::ended) << "a reload ended it";
}

}  // namespace
}  // namespace sluice::dispatcher
