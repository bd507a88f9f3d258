#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "job_controller/periodic_schedule.h"
#include "job_controller/programs.h"
#include "job_controller/settings.h"

namespace sluice::job_controller {

/// The periodic jobs of the configuration, each with its schedule. One that still runs when its
/// time comes is left out.
class PeriodicJobs {
public:
    /// Jobs that did not change keep their time.
    void configure(const std::vector<PeriodicJobSettings>& settings, const Clock& clock);
    /// Starts what is due, by `programs`; with `stopping` nothing is started any more.
    void run_due(Programs& programs, const Clock& clock, bool stopping);
    [[nodiscard]] std::optional<MonoTime> next_due() const;

private:
    struct Job {
        PeriodicJobSettings settings;
        PeriodicSchedule schedule;
        bool running = false;
    };

    static void start(const std::shared_ptr<Job>& job, Programs& programs);

    std::vector<std::shared_ptr<Job>> jobs_;
};

}  // namespace sluice::job_controller
