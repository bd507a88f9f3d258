#include "base/first_hit.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

const MonoTime start{1h};

TEST(FirstHit, IsToldAtOnceAndThenOnceAMinuteWithTheNumber) {
    FirstHit line;
    EXPECT_EQ(line.hit(start), 1U);
    for (int i = 0; i < 999; ++i) EXPECT_FALSE(line.hit(start + 59s));
    EXPECT_EQ(line.hit(start + 60s), 1000U);
    EXPECT_FALSE(line.hit(start + 61s));
}

TEST(FirstHit, AfterQuietTheFirstIsToldAgain) {
    FirstHit line;
    EXPECT_EQ(line.hit(start), 1U);
    EXPECT_EQ(line.hit(start + 2h), 1U);
}

TEST(FirstHit, SeveralAtATimeAreCounted) {
    FirstHit line;
    EXPECT_EQ(line.hit(start, 7), 7U);
    EXPECT_FALSE(line.hit(start, 5));
    EXPECT_EQ(line.hit(start + 1min, 2), 7U);
}

}  // namespace
}  // namespace sluice
