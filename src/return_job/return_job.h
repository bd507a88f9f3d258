#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"

// The message return job, which the job controller runs every night: returns what is too old and
// warns who waits long, tells the postmaster what is held, rolls the transaction logs over, removes
// old component logs, has the job controller look for files it does not know, and runs
// daily_cleanup of the site (manual page return(8)).
namespace sluice::return_job {

/// Which steps a run takes.
struct Steps {
    bool age = true;
    bool held = true;
    bool rollover = true;
    bool purge = true;
    bool synchronise = true;
    bool cleanup = true;
    /// Whatever IMTA_RETURN_PERIOD, IMTA_RETURN_SPLIT_PERIOD and its like say; the run does not
    /// count then.
    bool at_once = false;
};

enum class Outcome : std::uint8_t {
    done,
    skipped,  ///< not its turn, or nothing there
    failed
};

/// What became of one step.
struct StepReport {
    std::string_view step;  ///< "age", "held", "rollover", "purge", "synchronise", "cleanup"
    Outcome outcome = Outcome::done;
    std::string text;
};

/// Takes the steps one after the other; one that fails does not keep the next from being taken.
/// Reports go to the component log as well, with RETURN_DEBUG also why something is skipped. An
/// Error: another return job of this instance is at work, or this one cannot be told from it. A run
/// that is not `at_once` waits for one that is, up to two hours; `held` alone waits for nobody.
Result<std::vector<StepReport>> run_return_job(
    const config::ConfigurationPtr& configuration, const Steps& steps
);

/// Whether a crash interrupted a rollover of the logs: until it is finished, lines may stand in two
/// files.
[[nodiscard]] bool has_interrupted_rollovers(const config::Configuration& configuration);
/// Finishes them; while the MTA serves, too. Says in the component log what it did.
void finish_interrupted_rollovers(const config::Configuration& configuration);

/// Name of the component log.
inline constexpr std::string_view log_name = "return.log";

}  // namespace sluice::return_job
