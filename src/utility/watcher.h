#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/configuration.h"

namespace sluice::utility {

/// A daemon that the watcher keeps running.
struct WatchedDaemon {
    std::string name;  ///< "dispatcher"
    std::string program;
    bool keeps_root = false;  ///< binds ports below 1024 and gives up root itself
};

struct WatcherSettings {
    std::vector<WatchedDaemon> daemons;  ///< started in this order, stopped in it too
    std::vector<std::string> environment;
    std::string user;         ///< account for daemons that do not keep root
    std::string tailor_file;  ///< its owner is that account where `user` is empty
    std::string run_directory;
    std::string log_file;  ///< component log; empty: standard error
};

WatcherSettings watcher_settings(
    const config::Configuration& configuration, const std::string& tailor_path
);

/// Files in the run directory by which the commands find the daemons.
std::string pid_file(const std::string& run_directory, std::string_view daemon);
/// The process id in a pid file, if that process exists; 0 otherwise.
int running_pid(const std::string& pid_file);

/// Starts the daemons, restarts the ones that end, until SIGTERM or SIGINT, then stops them in
/// order. SIGHUP: the dispatcher replaces its workers, the job controller is restarted. Returns
/// when all are gone: 0, or 1 when another watcher has the instance.
int run_watcher(const WatcherSettings& settings);

}  // namespace sluice::utility
