#pragma once

#include "containment/job.h"

namespace sluice::containment {

/// Runs a job in this process: starts it, watches it, and kills all of it in the end. `channel`:
/// when its other end goes away the job is killed. `input`: for the command to read; -1: nothing.
/// For command_host, which does one job and ends; the process has one thread.
Report supervise(const Job& job, int channel, int input);

}  // namespace sluice::containment
