#include "callout/conn_throttle.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace sluice::callout {
namespace {

class ConnThrottleTest : public testing::Test {
protected:
    ConnThrottleTest() { add_throttle_routines(registry_, clock_); }
    bool exceeds(std::string_view argument, std::string_view routine = "throttle") {
        const auto answer = registry_.find("conn_throttle", routine)->call(argument);
        EXPECT_EQ(answer.text, "");
        return answer.kind == mapping::Answer::Kind::found;
    }

    test::ManualClock clock_;
    Registry registry_;
};

TEST_F(ConnThrottleTest, SucceedsAboveTheRate) {
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(exceeds("192.0.2.1,3"));
    EXPECT_TRUE(exceeds("192.0.2.1,3"));
    EXPECT_FALSE(exceeds("192.0.2.2,3"));
    clock_.advance(std::chrono::seconds(59));
    EXPECT_TRUE(exceeds("192.0.2.1,3"));
    clock_.advance(std::chrono::seconds(1));
    EXPECT_FALSE(exceeds("192.0.2.1,3"));
}

TEST_F(ConnThrottleTest, PenaltyBeginsANewMinute) {
    EXPECT_FALSE(exceeds("192.0.2.1,1", "throttle_p"));
    clock_.advance(std::chrono::seconds(50));
    EXPECT_TRUE(exceeds("192.0.2.1,1", "throttle_p"));
    clock_.advance(std::chrono::seconds(50));
    EXPECT_TRUE(exceeds("192.0.2.1,1", "throttle_p"));
    clock_.advance(std::chrono::seconds(60));
    EXPECT_FALSE(exceeds("192.0.2.1,1", "throttle_p"));
}

TEST_F(ConnThrottleTest, NonsenseFails) {
    for (const std::string_view argument : {"", "192.0.2.1", "x,3", "192.0.2.1,x", "192.0.2.1,0,0"})
        EXPECT_FALSE(exceeds(argument)) << argument;
    EXPECT_TRUE(exceeds("192.0.2.1,0"));
}

}  // namespace
}  // namespace sluice::callout
