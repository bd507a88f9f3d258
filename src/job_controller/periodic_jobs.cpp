#include "job_controller/periodic_jobs.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/log.h"

namespace sluice::job_controller {

namespace {

using std::chrono::seconds;

seconds local_time_of_day(const Clock& clock) {
    const std::time_t time = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(clock.wall_now())
    );
    std::tm parts{};
    ::localtime_r(&time, &parts);
    return seconds(parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec);
}

}  // namespace

void PeriodicJobs::configure(const std::vector<PeriodicJobSettings>& settings, const Clock& clock) {
    const auto before = std::exchange(jobs_, {});
    for (const PeriodicJobSettings& job : settings) {
        const auto known = std::find_if(before.begin(), before.end(), [&](const auto& one) {
            return one->settings == job;
        });
        if (known != before.end()) {
            jobs_.push_back(*known);
            continue;
        }
        const PeriodicSchedule schedule(job, local_time_of_day(clock), clock.mono_now());
        jobs_.push_back(std::make_shared<Job>(Job{job, schedule, false}));
    }
}

std::optional<MonoTime> PeriodicJobs::next_due() const {
    std::optional<MonoTime> next;
    for (const auto& job : jobs_) {
        if (!next || job->schedule.due() < *next) next = job->schedule.due();
    }
    return next;
}

void PeriodicJobs::run_due(Programs& programs, const Clock& clock, bool stopping) {
    const MonoTime now = clock.mono_now();
    for (const auto& job : jobs_) {
        if (job->schedule.due() > now) continue;
        job->schedule.passed(local_time_of_day(clock), now);
        if (job->running) {
            diag::warning(
                "periodic job " + job->settings.name + " left out, the last one still runs"
            );
        } else if (!stopping) {
            start(job, programs);
        }
    }
}

void PeriodicJobs::start(const std::shared_ptr<Job>& job, Programs& programs) {
    Programs::Command command;
    command.name = "periodic job " + job->settings.name;
    command.line = job->settings.command;
    command.shell_allowed = job->settings.shell_allowed;
    command.log_name = job->settings.name + ".log";
    const auto started = programs.start(command, [job](bool) { job->running = false; });
    job->running = static_cast<bool>(started);
    if (started) {
        diag::info(command.name + " started, process " + std::to_string(*started));
    } else {
        diag::warning(command.name + " not started: " + started.error().to_debug_string());
    }
}

}  // namespace sluice::job_controller
