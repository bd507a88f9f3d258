#include "job_controller/backoff.h"

#include <gtest/gtest.h>

namespace sluice::job_controller {
namespace {

using jobs::Priority;

struct Sequence {
    const char* name;
    Priority priority;
    std::vector<int> minutes;
};

class DefaultBackoff : public testing::TestWithParam<Sequence> {};

TEST_P(DefaultBackoff, FollowsTheTableAndRepeatsTheLast) {
    const BackoffByPriority schedules;
    unsigned failures = 0;
    for (const int minutes : GetParam().minutes) {
        EXPECT_EQ(
            schedules.of(GetParam().priority).after(++failures), std::chrono::minutes(minutes)
        ) << "after failure "
          << failures;
    }
    const std::chrono::minutes last(GetParam().minutes.back());
    EXPECT_EQ(schedules.of(GetParam().priority).after(failures + 1), last);
    EXPECT_EQ(schedules.of(GetParam().priority).after(100), last);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    DefaultBackoff,
    testing::Values(
        Sequence{"urgent", Priority::urgent, {30, 60, 60, 120, 120, 120, 240}},
        Sequence{"normal", Priority::normal, {60, 120, 120, 240, 240, 240, 480}},
        Sequence{"nonurgent", Priority::nonurgent, {120, 240, 240, 480, 480, 480, 960}},
        Sequence{"second", Priority::second, {120, 240, 240, 480, 480, 480, 960}},
        Sequence{"third", Priority::third, {120, 240, 240, 480, 480, 480, 960}}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(BackoffSchedule, EightIntervalsAreAllUsed) {
    BackoffSchedule schedule;
    for (int i = 1; i <= 8; ++i) schedule.intervals.emplace_back(i);
    for (unsigned i = 1; i <= 8; ++i) EXPECT_EQ(schedule.after(i), std::chrono::seconds(i));
    EXPECT_EQ(schedule.after(9), std::chrono::seconds(8));
    EXPECT_EQ(schedule.after(0), std::chrono::seconds(1));
}

TEST(BackoffSchedule, EmptyMeansNoPause) {
    EXPECT_EQ(BackoffSchedule().after(3), std::chrono::seconds(0));
}

}  // namespace
}  // namespace sluice::job_controller
