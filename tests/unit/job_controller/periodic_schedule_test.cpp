#include "job_controller/periodic_schedule.h"

#include <gtest/gtest.h>

namespace sluice::job_controller {
namespace {

using namespace std::chrono_literals;

constexpr MonoTime start{std::chrono::hours(100)};

PeriodicJobSettings job(
    std::optional<std::chrono::minutes> first, std::optional<std::chrono::minutes> interval
) {
    PeriodicJobSettings settings;
    settings.first = first;
    settings.interval = interval;
    return settings;
}

TEST(PeriodicSchedule, IntervalRunsFromTheStart) {
    PeriodicSchedule schedule(job({}, 30min), 12h, start);
    EXPECT_EQ(schedule.due(), start + 30min);
    schedule.passed(12h + 30min, start + 30min + 1s);
    EXPECT_EQ(schedule.due(), start + 60min);
}

TEST(PeriodicSchedule, FirstTimeThenInterval) {
    PeriodicSchedule schedule(job(15h + 45min, 7h + 15min), 15h, start);
    EXPECT_EQ(schedule.due(), start + 45min);
    schedule.passed(15h + 45min, start + 45min);
    EXPECT_EQ(schedule.due(), start + 8h);
}

TEST(PeriodicSchedule, TimeOfDayThatHasPassedIsTomorrow) {
    PeriodicSchedule schedule(job(30min, {}), 1h, start);
    EXPECT_EQ(schedule.due(), start + 23h + 30min);
}

TEST(PeriodicSchedule, DailyJobKeepsToTheTimeOfDay) {
    PeriodicSchedule schedule(job(30min, 24h), 0h, start);
    EXPECT_EQ(schedule.due(), start + 30min);
    schedule.passed(30min, start + 30min);
    EXPECT_EQ(schedule.due(), start + 24h + 30min);
    // Summer time began: the wall is an hour ahead, so the day is an hour shorter.
    schedule.passed(30min + 1s, start + 24h + 30min + 1s);
    schedule = PeriodicSchedule(job(30min, 24h), 4h, start + 27h);
    EXPECT_EQ(schedule.due(), start + 27h + 20h + 30min);
}

TEST(PeriodicSchedule, RunsOnceADayEvenWhenWokenEarly) {
    PeriodicSchedule schedule(job(30min, {}), 0h, start);
    schedule.passed(30min - 1s, start + 30min - 1s);
    EXPECT_EQ(schedule.due(), start + 30min + 24h);
}

TEST(PeriodicSchedule, MissedTurnsAreNotMadeUpFor) {
    PeriodicSchedule schedule(job({}, 10min), 0h, start);
    schedule.passed(2h, start + 2h);
    EXPECT_EQ(schedule.due(), start + 2h + 10min);
}

}  // namespace
}  // namespace sluice::job_controller
