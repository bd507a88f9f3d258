#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::utility {

/// Files in the run directory by which the commands find the daemons.
std::string pid_file(const std::string& run_directory, std::string_view daemon);
/// The process id in a pid file, if that process exists; 0 otherwise.
int running_pid(const std::string& pid_file);

/// The right to be the watcher of an instance: a lock, which goes with the process however that
/// ends, and a pid file for people. Both go with the object: make it first, so that an instance
/// whose watcher cannot be seen any more has let go of everything.
class WatcherClaim {
public:
    static Result<WatcherClaim> take(const std::string& run_directory);
    WatcherClaim(WatcherClaim&&) noexcept;
    WatcherClaim& operator=(WatcherClaim&&) = delete;
    ~WatcherClaim();

private:
    WatcherClaim() = default;
    UniqueFd lock_;
    std::string pid_file_;
};
/// The process that holds the claim; 0 when nobody does, whatever an old pid file says.
int watcher_pid(const std::string& run_directory);

}  // namespace sluice::utility
