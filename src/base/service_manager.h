#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"

// What a service manager such as systemd and a service say to each other, without its library:
// sd_listen_fds(3), sd_notify(3).
namespace sluice {

/// The first descriptor that a service manager passes on.
inline constexpr int first_passed_descriptor = 3;

/// How many descriptors were passed to this process, from number 3 on; 0 where the variables are
/// not set or mean another process. One thread: it reads the environment.
int passed_descriptors();
/// Keeps `count` of them from programs that are run, or lets those have them. True when all are
/// there.
bool set_close_on_exec(int count, bool on);

/// Tells the service manager how we do. Nothing happens where nobody asked to be told.
class ServiceManager {
public:
    /// From NOTIFY_SOCKET and WATCHDOG_USEC. One thread: it reads the environment.
    static ServiceManager from_environment();

    /// "READY=1", lines of NAME=value. False: not told.
    bool tell(const std::string& text) const;
    [[nodiscard]] bool wants_to_be_told() const { return !path_.empty(); }
    /// How often "WATCHDOG=1" is due; nullopt: never.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval() const {
        return watchdog_;
    }

private:
    std::string path_;
    std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace sluice
