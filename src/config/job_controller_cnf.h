#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/file_source.h"

// job_controller.cnf: pools, channel programs, periodic jobs (docs/man/job_controller.cnf.5).
namespace sluice::config {

/// "[HH:MM]/hh:mm" or "HH:MM".
struct TimeSpecification {
    /// First time of day (local time); without it the first run is one interval after the start.
    std::optional<std::chrono::minutes> first;
    std::chrono::minutes interval{24 * 60};

    friend bool operator==(const TimeSpecification&, const TimeSpecification&) = default;
    [[nodiscard]] std::string to_debug_string() const;
};
std::optional<TimeSpecification> parse_time_specification(std::string_view text);

struct Pool {
    std::string name;  ///< as written; compare without regard to case
    std::int64_t job_limit = 10;
    SourceLocation where;
};

/// What the job controller must know about the channels that a section's name matches.
struct JobChannel {
    std::string name;  ///< lower case, without the final "*" of a wildcard
    bool wildcard = false;
    std::optional<std::string> master_command;  ///< unset: never run, messages stay
    bool never_run = false;                     ///< the file says so: MASTER_COMMAND=NULL
    std::optional<std::string> slave_command;
    bool anon_host = true;  ///< true: all hosts are alike; false: one sub-queue for each host
    std::chrono::seconds max_life_age{14400};
    std::int64_t max_life_conns = 300;
    std::int64_t stress_blackout = 60;
    std::int64_t stress_factor = 5;
    std::int64_t stress_jobs = 2;
    std::int64_t stress_time = 120;
    std::int64_t unstress_factor = 5;
    std::int64_t unstress_jobs = 2;
    std::int64_t unstress_time = 120;
    SourceLocation where;
};

struct PeriodicJob {
    std::string name;
    std::string command;
    TimeSpecification time;
    SourceLocation where;
};

/// Commands and paths are as written: `NAME:` prefixes are the caller's to resolve
/// (Tailor::resolve).
struct JobControllerConfiguration {
    std::int64_t tcp_port = 27442;
    std::string interface_address = "127.0.0.1";
    std::string secret;
    std::int64_t debug = 0;
    std::int64_t max_messages = 100000;
    std::int64_t inflow_brake_messages = 10000;  ///< 0: nobody is ever slowed down
    std::int64_t inflow_brake_time = 300;        ///< seconds
    TimeSpecification synch_time{std::nullopt, std::chrono::hours(4)};
    std::int64_t rebuild_parallel_channel = 12;
    bool rebuild_in_order = false;
    std::vector<Pool> pools;           ///< never empty; the first serves channels without a pool
    std::vector<JobChannel> channels;  ///< in file order
    std::vector<PeriodicJob> periodic_jobs;
    JobChannel channel_defaults;  ///< what stands before the first section

    [[nodiscard]] const Pool& default_pool() const { return pools.front(); }
    /// nullptr where the file has no such pool.
    [[nodiscard]] const Pool* find_pool(std::string_view name) const;
    /// The section for a channel: the exact name, else the longest matching wildcard, else the
    /// defaults (which name no program, so that such a channel is never run).
    [[nodiscard]] const JobChannel& channel(std::string_view channel_name) const;
};

/// Codes: those of option_file.h and option_value.h; E420 unknown kind of section, E421 section
/// without what it needs (dropped), E422 bad time.
JobControllerConfiguration parse_job_controller_cnf(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
);
/// A missing or unreadable file is an Error.
Result<JobControllerConfiguration> load_job_controller_cnf(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
);

}  // namespace sluice::config
