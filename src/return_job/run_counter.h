#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace sluice::return_job {

/// Whether a step with this period (IMTA_RETURN_SPLIT_PERIOD and its like) is due in run number
/// `run`, counted from 1: in every period-th. A period below 1 counts as 1. Pure.
[[nodiscard]] bool is_due(std::uint64_t run, std::int64_t period);

/// Counts a run in the file and returns its number. A missing or unreadable count begins anew: that
/// costs a step a few runs at most.
Result<std::uint64_t> count_run(const std::string& path);

}  // namespace sluice::return_job
