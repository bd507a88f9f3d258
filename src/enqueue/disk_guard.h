#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "config/configuration.h"

namespace sluice::smtp_server {

/// How much room the queue's file system has left (spec page queue, section 12).
enum class DiskState : std::uint8_t {
    normal,
    soft,  ///< messages that may not fit are put off
    hard,  ///< connections are put off
};

struct DiskUsage {
    std::int64_t octets_free = 0;  ///< for us, not for root
    std::int64_t octets_total = 0;
    std::int64_t inodes_free = 0;
    std::int64_t inodes_total = 0;  ///< 0: the file system does not count them
};

/// QUEUE_MIN_FREE, QUEUE_MIN_INODES and their _HARD forms.
struct DiskLimits {
    config::FreeSpaceLimit octets_soft;
    config::FreeSpaceLimit octets_hard;
    config::FreeSpaceLimit inodes_soft;
    config::FreeSpaceLimit inodes_hard;
};
DiskLimits disk_limits_of(const config::Configuration& configuration);

/// A state is entered below its limit and left only at 1.2 times the limit. Pure.
DiskState next_disk_state(DiskState before, const DiskUsage& usage, const DiskLimits& limits);
/// Octets free above the soft limit, at least 0. Pure.
std::int64_t room_above_soft(const DiskUsage& usage, const DiskLimits& limits);

/// Watches the file system of the queue for all sessions of a process. Asks the kernel at most once
/// a second; changes of state go to the component log. Thread-safe.
class DiskGuard {
public:
    struct View {
        DiskState state = DiskState::normal;
        std::int64_t room = 0;  ///< room_above_soft()
    };

    DiskGuard(std::string directory, DiskLimits limits)
        : directory_(std::move(directory)), limits_(std::move(limits)) {}

    View look(MonoTime now);

private:
    void refresh();

    std::string directory_;
    DiskLimits limits_;
    std::mutex mutex_;
    MonoTime next_look_{};
    View view_;
    bool unreadable_ = false;
};

}  // namespace sluice::smtp_server
