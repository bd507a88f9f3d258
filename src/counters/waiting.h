#pragma once

#include <vector>

#include "base/result.h"
#include "counters/report.h"
#include "jobs/control_client.h"

namespace sluice::counters {

/// What waits in every channel's queue, as the job controller knows it.
Result<std::vector<Waiting>> ask_for_waiting(jobs::ControlClient& controller);

}  // namespace sluice::counters
