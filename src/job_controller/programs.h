#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "job_controller/child_process.h"
#include "job_controller/event_loop.h"
#include "job_controller/scheduler.h"
#include "job_controller/settings.h"

namespace sluice::job_controller {

/// The processes that the job controller has started: channel programs and periodic jobs. Their
/// ends are seen by the loop. Not for use from two threads.
class Programs {
public:
    struct Command {
        std::string name;  ///< for the log
        std::string line;
        bool shell_allowed = false;
        std::vector<std::string> arguments;
        std::string log_name;
        std::optional<JobId> job;  ///< goes into SLUICE_JOB
    };
    using OnEnd = std::function<void(bool clean)>;

    /// `settings` (log directory, environment) are read at each start.
    Programs(EventLoop& loop, const JobControllerSettings& settings)
        : loop_(loop), settings_(settings) {}

    /// `on_end` is called on the loop once the process has ended.
    Result<pid_t> start(const Command& command, OnEnd on_end);
    void terminate_all();
    [[nodiscard]] std::size_t running() const { return running_.size(); }
    /// One line for each that is still there when we go.
    void name_those_left() const;

private:
    struct Running {
        ChildProcess process;
        std::string name;
        OnEnd on_end;
    };

    [[nodiscard]] UniqueFd new_log(const std::string& name) const;
    void ended(pid_t pid);

    EventLoop& loop_;
    const JobControllerSettings& settings_;
    std::map<pid_t, Running> running_;
};

}  // namespace sluice::job_controller
