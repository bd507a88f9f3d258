#include "job_controller/periodic_schedule.h"

#include <algorithm>

namespace sluice::job_controller {

namespace {

using std::chrono::seconds;

constexpr seconds day{24 * 3600};
constexpr seconds least_interval{60};

seconds until(seconds time_of_day, seconds target) {
    return (target - time_of_day + 2 * day) % day;
}

}  // namespace

PeriodicSchedule::PeriodicSchedule(
    const PeriodicJobSettings& settings, seconds time_of_day, MonoTime now
)
    : first_(settings.first), interval_(settings.interval ? seconds(*settings.interval) : day) {
    interval_ = std::max(interval_, least_interval);
    due_ = now + (first_ ? until(time_of_day, *first_) : interval_);
}

void PeriodicSchedule::passed(seconds time_of_day, MonoTime now) {
    if (first_ && interval_ == day) {
        // By the clock on the wall, which may have changed to summer time; never twice a day.
        const seconds left = until(time_of_day, *first_);
        due_ = now + (left < seconds(3600) ? left + day : left);
        return;
    }
    while (due_ <= now) due_ += interval_;
}

}  // namespace sluice::job_controller
