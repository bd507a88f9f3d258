#include "disk_guard.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "base/log.h"

namespace sluice::smtp_server {

using config::OptionId;

namespace {

constexpr double leave_at = 1.2;
constexpr std::chrono::seconds look_interval{1};

bool is_below(std::int64_t free, std::int64_t limit, bool is_in_state) {
    const double least = static_cast<double>(limit) * (is_in_state ? leave_at : 1.0);
    return static_cast<double>(free) < least;
}

bool is_short(
    const DiskUsage& usage,
    const config::FreeSpaceLimit& octets,
    const config::FreeSpaceLimit& inodes,
    bool is_in_state
) {
    if (is_below(usage.octets_free, octets.of(usage.octets_total), is_in_state)) return true;
    return usage.inodes_total > 0 &&
           is_below(usage.inodes_free, inodes.of(usage.inodes_total), is_in_state);
}

std::string_view describe(DiskState state) {
    switch (state) {
        case DiskState::normal:
            return "enough room for the queue again";
        case DiskState::soft:
            return "little room for the queue: messages that may not fit are put off";
        case DiskState::hard:
            return "no room for the queue: connections are put off";
    }
    return {};
}

}  // namespace

DiskLimits disk_limits_of(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    return {
        options.free_space(OptionId::queue_min_free),
        options.free_space(OptionId::queue_min_free_hard),
        options.free_space(OptionId::queue_min_inodes),
        options.free_space(OptionId::queue_min_inodes_hard),
    };
}

DiskState next_disk_state(DiskState before, const DiskUsage& usage, const DiskLimits& limits) {
    if (is_short(usage, limits.octets_hard, limits.inodes_hard, before == DiskState::hard))
        return DiskState::hard;
    if (is_short(usage, limits.octets_soft, limits.inodes_soft, before != DiskState::normal))
        return DiskState::soft;
    return DiskState::normal;
}

std::int64_t room_above_soft(const DiskUsage& usage, const DiskLimits& limits) {
    return std::max<std::int64_t>(0, usage.octets_free - limits.octets_soft.of(usage.octets_total));
}

DiskGuard::View DiskGuard::look(MonoTime now) {
    const std::lock_guard lock(mutex_);
    if (now >= next_look_) {
        next_look_ = now + look_interval;
        refresh();
    }
    return view_;
}

void DiskGuard::refresh() {
    struct statvfs found {};
    if (::statvfs(directory_.c_str(), &found) != 0) {
        // Whether a message can be written will show when one is.
        if (!std::exchange(unreadable_, true))
            diag::warning(Error::from_errno(errno, "statvfs " + directory_).detail());
        return;
    }
    unreadable_ = false;
    const auto octets = [&](auto blocks) {
        return static_cast<std::int64_t>(blocks) * static_cast<std::int64_t>(found.f_frsize);
    };
    DiskUsage usage;
    usage.octets_free = octets(found.f_bavail);
    usage.octets_total = octets(found.f_blocks);
    usage.inodes_free = static_cast<std::int64_t>(found.f_favail);
    usage.inodes_total = static_cast<std::int64_t>(found.f_files);
    const DiskState next = next_disk_state(view_.state, usage, limits_);
    if (next != view_.state) diag::warning(describe(next));
    view_ = {next, room_above_soft(usage, limits_)};
}

}  // namespace sluice::smtp_server
