#pragma once

#include <string>
#include <vector>

#include "config/configuration.h"
#include "utility/stdout_relay.h"
#include "utility/watcher_claim.h"

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

/// Starts the daemons, restarts the ones that end, until SIGTERM or SIGINT, then stops them in
/// order. SIGHUP: the dispatcher replaces its workers, the job controller is restarted. Returns
/// when all are gone. Call it with the claim in hand. A service manager is told when the
/// dispatcher serves, when we stop, and, where it wants that, that we are alive.
/// `relay`: where lines for the standard output come in, if they do.
void run_watcher(const WatcherSettings& settings, StdoutRelay relay);

}  // namespace sluice::utility
