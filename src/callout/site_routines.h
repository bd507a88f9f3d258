#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "callout/site_process.h"
#include "mapping/answers.h"

namespace sluice::callout {

/// Calls the routines of shared libraries in a few processes of their own, each of which does one
/// call at a time. Nothing that a routine does harms the caller: it waits `limit` at most, and a
/// process that crashed or was killed costs that one call. Thread-safe; blocks.
class SiteRoutines {
public:
    struct Settings {
        std::string program;  ///< callout_host
        unsigned processes = 1;
        std::chrono::milliseconds limit{5000};  ///< for a call, waiting for a process included
    };
    SiteRoutines(Settings settings, const Clock& clock);
    /// Ends the processes.
    ~SiteRoutines();
    SiteRoutines(const SiteRoutines&) = delete;
    SiteRoutines& operator=(const SiteRoutines&) = delete;

    /// `library` is a path. Failures of all kinds are `not_found`; what is not the routine's own
    /// "no" is said in the component log.
    mapping::Answer call(
        const std::string& library, const std::string& routine, const std::string& argument
    );

private:
    /// A process that is ready, for this thread alone; null when none is within the limit.
    SiteProcess* claim(MonoTime until);
    void release(SiteProcess* process);
    void say_once(const std::string& text);

    Settings settings_;
    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<SiteProcess>> processes_;
    std::vector<SiteProcess*> idle_;
    std::set<std::string> said_;
};

}  // namespace sluice::callout
