#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "job_controller/scheduler.h"
#include "jobs/protocol.h"

namespace sluice::job_controller {

/// What the scheduler knows, line by line, for the log: totals, channels, jobs, and so many hosts
/// at most. `wall` and `now` are the same instant on both clocks. Pure.
std::vector<std::string> state_text(
    const Scheduler& scheduler, MonoTime now, WallTime wall, std::size_t most_hosts
);

/// "thread depth of tcp_* to 20".
std::string text_of(const jobs::Change& change);

}  // namespace sluice::job_controller
