#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "config/configuration.h"
#include "utility/stdout_relay.h"

namespace sluice::utility {

/// A daemon that the watcher keeps running.
struct WatchedDaemon {
    std::string name;  ///< "dispatcher"
    std::string program;
    bool keeps_root = false;    ///< binds ports below 1024 and gives up root itself
    bool gets_sockets = false;  ///< those that a service manager passed to the watcher
    std::vector<std::string> arguments = {};
    bool is_errand = false;  ///< ends by itself, once; nobody waits for it
};

struct WatcherSettings {
    std::vector<WatchedDaemon> daemons;  ///< started in this order, stopped in it too
    std::vector<std::string> environment;
    std::string user;         ///< account for daemons that do not keep root
    std::string tailor_file;  ///< its owner is that account where `user` is empty
    std::string run_directory;
    std::string log_file;        ///< component log; empty: standard error
    int passed_descriptors = 0;  ///< listening sockets of a service manager, from number 3 on
};

WatcherSettings watcher_settings(
    const config::Configuration& configuration, const std::string& tailor_path
);

/// Finishes rollovers of the logs that a crash interrupted; what is to be copied may be long.
WatchedDaemon rollover_errand(const config::Configuration& configuration);

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

/// Starts the daemons, restarts the ones that end, until SIGTERM or SIGINT, then stops them in
/// order. SIGHUP: the dispatcher replaces its workers, the job controller is restarted. Returns
/// when all are gone. Call it with the claim in hand. A service manager is told when the
/// dispatcher serves, when we stop, and, where it wants that, that we are alive.
/// `relay`: where lines for the standard output come in, if they do.
void run_watcher(const WatcherSettings& settings, StdoutRelay relay);

}  // namespace sluice::utility
