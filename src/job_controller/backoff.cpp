#include "job_controller/backoff.h"

#include <algorithm>

namespace sluice::job_controller {

namespace {

template <class... Minutes>
BackoffSchedule minutes(Minutes... values) {
    return {{std::chrono::minutes(values)...}};
}

}  // namespace

std::chrono::seconds BackoffSchedule::after(unsigned failures) const {
    if (intervals.empty()) return std::chrono::seconds(0);
    const std::size_t index = failures == 0 ? 0 : failures - 1;
    return intervals[std::min(index, intervals.size() - 1)];
}

BackoffSchedule default_backoff(jobs::Priority priority) {
    switch (priority) {
        case jobs::Priority::urgent:
            return minutes(30, 60, 60, 120, 120, 120, 240);
        case jobs::Priority::normal:
            return minutes(60, 120, 120, 240, 240, 240, 480);
        case jobs::Priority::nonurgent:
        case jobs::Priority::second:
        case jobs::Priority::third:
            break;
    }
    return minutes(120, 240, 240, 480, 480, 480, 960);
}

BackoffSchedule default_host_backoff() {
    return minutes(5, 15, 30, 60);
}

const BackoffSchedule& BackoffByPriority::of(jobs::Priority priority) const {
    return schedules[std::min<std::size_t>(static_cast<std::size_t>(priority), 2)];
}

}  // namespace sluice::job_controller
