#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "job_controller/settings.h"

// The job controller keeps the list of all messages that wait for delivery and hands them to
// channel programs, which it starts and limits. It never delivers mail itself; message files stay
// the truth, and everything it knows can be rebuilt from their names (spec: job-controller.md,
// queue.md section 8). One thread with an epoll loop serves all connections: requests are few,
// small and local, the schedule needs no locks that way, and whole batches are answered per turn.
namespace sluice::job_controller {

/// What another configuration says, with the number of its publication.
struct NextSettings {
    JobControllerSettings settings;
    std::uint64_t generation = 0;
};
/// Reads the published configuration; an Error leaves everything as it is.
using SettingsSource = std::function<Result<NextSettings>()>;

/// The process proper. open(), then run() until request_stop().
class JobController {
public:
    /// `source` is asked when an operator wants the published configuration taken.
    explicit JobController(
        const JobControllerSettings& settings,
        SettingsSource source = {},
        const Clock& clock = system_clock()
    );
    ~JobController();
    JobController(const JobController&) = delete;
    JobController& operator=(const JobController&) = delete;

    /// Called once when the orderly end begins, on the thread of run(). To be set before run().
    void set_on_stopping(std::function<void()> on_stopping);
    /// Binds the socket: from here on enqueuers can notify. Fails when another job controller
    /// has it.
    Result<void> open();
    /// Serves until stopped and all jobs have ended (or were sent SIGTERM and ignored it).
    Result<void> run();
    /// Starts the orderly end; a second call shortens the wait. Callable from other threads and
    /// from signal handlers.
    void request_stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The program's body: blocks SIGTERM and SIGINT and treats them as request_stop(), ignores
/// SIGPIPE, serves. Returns the exit status. The component log must be open
/// (diag::open_log). To be called before other threads exist. `on_stopping` may be empty.
int run_job_controller(
    const JobControllerSettings& settings, SettingsSource source, std::function<void()> on_stopping
);

}  // namespace sluice::job_controller
