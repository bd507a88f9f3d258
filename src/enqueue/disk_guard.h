#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "config/configuration.h"

namespace sluice::enqueue {

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

std::string_view disk_state_word(DiskState state);
/// Of the file system that the directory is on.
std::optional<DiskUsage> disk_usage_of(const std::string& directory);

/// A state is entered below its limit and left only at 1.2 times the limit. Pure.
DiskState next_disk_state(DiskState before, const DiskUsage& usage, const DiskLimits& limits);
/// Octets free above the soft limit, at least 0. Pure.
std::int64_t room_above_soft(const DiskUsage& usage, const DiskLimits& limits);

/// Whether the queue's file system is in the hard state as seen from here: for who asks rarely.
bool has_no_room(const config::Configuration& configuration);

/// What all programs of an instance know of the state, in run/disk_state: "soft 7" where it is
/// soft, and has changed seven times since the file was made.
struct SharedDiskState {
    DiskState state = DiskState::normal;
    std::uint64_t changes = 0;

    static SharedDiskState parse(std::string_view text);
    [[nodiscard]] std::string to_text() const;
};
std::string disk_state_path(const config::Configuration& configuration);
/// Notes the state; returns what was noted before.
SharedDiskState exchange_disk_state(const std::string& path, DiskState now);

/// Watches the file system of the queue for all sessions of a process. Asks the kernel at most once
/// a second; changes of state go to the component log. Thread-safe.
class DiskGuard {
public:
    struct View {
        DiskState state = DiskState::normal;
        std::int64_t room = 0;  ///< room_above_soft()
    };

    /// Called for each change, and must not wait: sessions do.
    using Changed = std::function<void(DiskState now)>;

    /// `known`: the state that others are in, for the same way back.
    DiskGuard(
        std::string directory,
        DiskLimits limits,
        DiskState known = DiskState::normal,
        Changed changed = {}
    )
        : directory_(std::move(directory)),
          limits_(std::move(limits)),
          changed_(std::move(changed)),
          view_{known, 0} {}

    View look(MonoTime now);

private:
    void refresh();

    std::string directory_;
    DiskLimits limits_;
    Changed changed_;
    std::mutex mutex_;
    MonoTime next_look_{};
    View view_;
    bool unreadable_ = false;
};

}  // namespace sluice::enqueue
