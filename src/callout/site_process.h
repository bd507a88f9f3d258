#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "base/child_program.h"
#include "base/clock.h"
#include "base/result.h"
#include "callout/site_protocol.h"

namespace sluice::callout {

/// One callout_host and the right to use it. Not thread-safe: one call at a time.
class SiteProcess {
public:
    SiteProcess(std::string program, const Clock& clock)
        : program_(std::move(program)), clock_(clock) {}

    /// Starts the process where it does not run, asks it, and waits at most `limit`. An Error: it
    /// could not be started, has crashed, or was killed since it did not answer. Then it is not
    /// started again for a second, and longer each time.
    Result<SiteReply> call(const SiteCall& call, std::chrono::milliseconds limit);
    /// Whether call() may start or use it now.
    [[nodiscard]] bool is_ready() const {
        return process_.is_started() || clock_.mono_now() >= rests_until_;
    }
    [[nodiscard]] pid_t pid() const { return process_.pid(); }

private:
    /// Ends the process and lets it rest. Says how it ended.
    std::string give_up();

    std::string program_;
    const Clock& clock_;
    ChildProgram process_;
    std::chrono::seconds rest_{0};
    MonoTime rests_until_{};
};

}  // namespace sluice::callout
