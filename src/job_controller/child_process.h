#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::job_controller {

/// A program started by us. Its end is an event on a descriptor, so that no signal handler and no
/// process-wide SIGCHLD is needed.
struct ChildProcess {
    pid_t pid = 0;
    UniqueFd ended;           ///< readable when the process has ended: a pidfd, or a lifeline
    bool by_starter = false;  ///< then it is a lifeline (base/starter_link.h)
};

struct ChildEnd {
    bool clean = false;  ///< exit status 0
    std::string text;    ///< "exit status 3", "signal 9"
};

/// Starts words[0] with the given environment ("NAME=value"), standard input from /dev/null,
/// output to `log` (where ours goes when negative), a process group of its own, no other
/// descriptors, default signals.
Result<ChildProcess> start_process(
    const std::vector<std::string>& words, const std::vector<std::string>& environment, int log
);
/// SIGTERM to it and what it has started itself.
void terminate(const ChildProcess& child);
/// Reaps an ended child; nullopt when it still runs.
std::optional<ChildEnd> reap(const ChildProcess& child);

/// Those of our own variables that are on the list and set.
std::vector<std::string> inherited_environment(const std::vector<std::string>& names);

}  // namespace sluice::job_controller
