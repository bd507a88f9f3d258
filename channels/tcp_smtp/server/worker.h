#pragma once

#include <functional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "server_context.h"

namespace sluice::smtp_server {

struct WorkerSettings {
    unsigned threads = 2;
    /// Threads for DNS and other questions that block.
    unsigned blocking_threads = 16;
    /// Reads the published configuration. An Error: it cannot be used, or not by this process.
    std::function<Result<ServerContextPtr>()> reload;
};

/// The worker process: takes connections from the dispatcher's channel, spreads them over its
/// threads, reports. Ends after RETIRE, SIGTERM or the death of the dispatcher, when its last
/// session has ended; SIGTERM ends the sessions as well (421 where no message is under way).
/// RELOAD: sessions that begin from then on have the new configuration, the others keep theirs; the
/// last session of a configuration takes it along.
/// SIGTERM and SIGINT must be blocked, in this and every later thread. Returns the exit status of
/// the process.
int run_worker(ServerContextPtr context, UniqueFd channel, const WorkerSettings& settings);

}  // namespace sluice::smtp_server
