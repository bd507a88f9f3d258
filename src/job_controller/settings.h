#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "job_controller/backoff.h"
#include "job_controller/inflow_brake.h"
#include "job_controller/size_demotion.h"
#include "job_controller/stress.h"

namespace sluice::job_controller {

/// One channel as the job controller sees it: its block in imta.cnf and its section of
/// job_controller.cnf put together (docs/man/job_controller.cnf.5).
struct ChannelSettings {
    std::string name;  ///< lower case
    std::string pool;  ///< empty or unknown: the first pool
    /// ANON_HOST: false sorts the messages by destination host.
    bool anon_host = true;
    unsigned max_jobs = 100;
    unsigned files_per_job = 0;  ///< 0: one process
    unsigned addrs_per_job = 0;  ///< 0: not looked at
    unsigned thread_depth = 10;
    BackoffByPriority backoff;
    SizeDemotion size_demotion;
    /// Keyword `hostprobe`: a host that cannot be reached holds back all its messages and is
    /// probed with one. Only where anon_host is false.
    bool host_probe = true;
    /// Keyword `hostbackoff`: pauses between probes; empty: the backoff of the message that failed.
    BackoffSchedule host_backoff = default_host_backoff();
    /// Keyword `hostramp`: over which the messages of a host that is reached again are released;
    /// 0: at once.
    std::chrono::seconds host_ramp{0};
    /// Resolved command line without the channel's name; empty: the channel is never run.
    std::string master_command;
    /// The command comes from a trusted file and may be given to a shell when it needs one.
    bool shell_allowed = false;
    std::chrono::seconds max_life_age{14400};
    unsigned max_life_conns = 300;
    StressSettings stress;
    bool stopped = false;  ///< on the hold list of `qm stop`
};

struct PoolSettings {
    std::string name;
    unsigned job_limit = 10;
};

/// A command run by the clock. With `first` only: daily at that local time of day; with `interval`
/// only: every interval from the start; with both: first then, afterwards every interval.
struct PeriodicJobSettings {
    std::string name;
    std::string command;
    bool shell_allowed = false;
    std::optional<std::chrono::minutes> first;  ///< since local midnight
    std::optional<std::chrono::minutes> interval;

    friend bool operator==(const PeriodicJobSettings&, const PeriodicJobSettings&) = default;
};

/// Everything run_job_controller() needs. Plain values; filled from the configuration elsewhere.
struct JobControllerSettings {
    std::string socket_path;    ///< Unix stream socket, below the instance's run directory
    std::string queue_root;     ///< IMTA_QUEUE
    std::string log_directory;  ///< "<channel>_master.log" of the programs; empty: standard error
    std::size_t log_versions = 5;  ///< versions kept of each; 0: all
    std::vector<ChannelSettings> channels;
    std::vector<PoolSettings> pools;  ///< empty: one pool DEFAULT with the default limit
    std::vector<PeriodicJobSettings> periodic_jobs;

    std::int64_t debug = 0;                      ///< DEBUG, mask of debug.h
    std::size_t max_messages = 100000;           ///< MAX_MESSAGES
    InflowSettings inflow;                       ///< INFLOW_BRAKE_MESSAGES, INFLOW_BRAKE_TIME
    std::string inflow_state;                    ///< file of jobs/inflow_state.h; empty: none
    std::chrono::seconds synch_time{4 * 3600};   ///< SYNCH_TIME
    std::chrono::seconds synch_age{300};         ///< younger files are left to their enqueuers
    std::chrono::seconds tmp_max_age{4 * 3600};  ///< TMP_MAX_AGE: older temporary files go
    unsigned rebuild_parallel = 12;              ///< channels scanned at the same time
    /// Read host and priority of files found by a scan before they are handed out.
    bool identify_scanned = true;
    std::chrono::seconds job_idle{60};       ///< a process without work ends after this
    std::chrono::seconds shutdown_wait{60};  ///< for running jobs, then SIGTERM
    /// Variables passed on to programs when set; IMTA_TAILOR must be among them.
    std::vector<std::string> environment{"IMTA_TAILOR", "PATH", "HOME",   "USER",  "LOGNAME",
                                         "TZ",          "LANG", "LC_ALL", "TMPDIR"};
};

}  // namespace sluice::job_controller
