#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "job_controller/child_process.h"
#include "job_controller/settings.h"

// The job controller gives up its rights, and master programs and periodic jobs need theirs. They
// are started by another process, job_starter, which starts what the published configuration says
// and nothing else: who takes over the job controller may choose among its jobs, no more.
namespace sluice::job_controller {

struct StartRequest {
    std::vector<std::string> words;    ///< a program and its arguments
    std::optional<std::uint64_t> job;  ///< goes into SLUICE_JOB

    friend bool operator==(const StartRequest&, const StartRequest&) = default;
};
std::string encode(const StartRequest& request);
/// nullopt: damaged.
std::optional<StartRequest> decode_start_request(std::string_view packet);

/// All that a job controller with these settings starts.
std::set<std::vector<std::string>> jobs_of(const JobControllerSettings& settings);

/// Starts the program job_starter, which ends with this process. From then on start_job() asks it.
Result<void> use_job_starter(
    const std::string& program, const std::vector<std::string>& environment
);

/// Starts a job, with output to `log`, or where ours goes. An Error that is not about the job ends
/// the process: nothing could be started any more.
Result<ChildProcess> start_job(
    const StartRequest& request, const JobControllerSettings& settings, int log
);

}  // namespace sluice::job_controller
