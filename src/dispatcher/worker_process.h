#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::dispatcher {

/// The descriptor on which a worker finds its hand-over channel.
inline constexpr int worker_channel_fd = 3;

struct StartedWorker {
    pid_t pid = -1;
    UniqueFd channel;  ///< our end, non-blocking
};

/// Starts `program` with the other end of a new hand-over channel on descriptor 3. Nothing else is
/// inherited but the standard streams; output and errors go to `log`, or, where that is negative,
/// where ours go.
Result<StartedWorker> start_worker(
    const std::string& program,
    const std::vector<std::string>& arguments,
    const std::vector<std::string>& environment,
    int log = -1
);

}  // namespace sluice::dispatcher
