#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "job_controller/settings.h"

namespace sluice::job_controller {

/// When a periodic job is due (job-controller.md section 2.2). Pure: the local time of day is an
/// argument. Intervals run on the monotonic clock; daily jobs keep to their time of day.
class PeriodicSchedule {
public:
    PeriodicSchedule(
        const PeriodicJobSettings& settings, std::chrono::seconds time_of_day, MonoTime now
    );
    [[nodiscard]] MonoTime due() const { return due_; }
    /// The job was started, or left out because it still ran; missed turns are not made up for.
    void passed(std::chrono::seconds time_of_day, MonoTime now);

private:
    std::optional<std::chrono::minutes> first_;
    std::chrono::seconds interval_;
    MonoTime due_;
};

}  // namespace sluice::job_controller
