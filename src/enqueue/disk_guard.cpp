#include "enqueue/disk_guard.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/bytes.h"
#include "base/limit_hits.h"
#include "base/log.h"
#include "base/shared_text.h"

namespace sluice::enqueue {

using config::OptionId;

namespace {

constexpr double leave_at = 1.2;
constexpr std::chrono::seconds look_interval{1};
constexpr DiskState states[] = {DiskState::normal, DiskState::soft, DiskState::hard};

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

std::string_view disk_state_word(DiskState state) {
    switch (state) {
        case DiskState::normal:
            return "normal";
        case DiskState::soft:
            return "soft";
        case DiskState::hard:
            return "hard";
    }
    return {};
}

std::optional<DiskUsage> disk_usage_of(const std::string& directory) {
    struct statvfs found {};
    if (::statvfs(directory.c_str(), &found) != 0) return std::nullopt;
    const auto octets = [&](auto blocks) {
        return static_cast<std::int64_t>(blocks) * static_cast<std::int64_t>(found.f_frsize);
    };
    DiskUsage usage;
    usage.octets_free = octets(found.f_bavail);
    usage.octets_total = octets(found.f_blocks);
    usage.inodes_free = static_cast<std::int64_t>(found.f_favail);
    usage.inodes_total = static_cast<std::int64_t>(found.f_files);
    return usage;
}

bool has_no_room(const config::Configuration& configuration) {
    const auto usage = disk_usage_of(configuration.tailor.path(config::TailorEntry::queue));
    return usage && next_disk_state(DiskState::normal, *usage, disk_limits_of(configuration)) ==
                        DiskState::hard;
}

SharedDiskState SharedDiskState::parse(std::string_view text) {
    SharedDiskState shared;
    const auto words = split_words(text.substr(0, text.find('\n')));
    if (words.size() != 2) return shared;
    const auto changes = parse_unsigned(words[1]);
    if (!changes) return shared;
    for (const DiskState state : states) {
        if (words[0] != disk_state_word(state)) continue;
        shared.state = state;
        shared.changes = *changes;
    }
    return shared;
}

std::string SharedDiskState::to_text() const {
    return std::string(disk_state_word(state)) + ' ' + std::to_string(changes) + '\n';
}

std::string disk_state_path(const config::Configuration& configuration) {
    return configuration.tailor.path(config::TailorEntry::run) + "disk_state";
}

SharedDiskState exchange_disk_state(const std::string& path, DiskState now) {
    SharedDiskState before;
    const auto changed = change_shared_text(path, [&](std::string_view text) {
        before = SharedDiskState::parse(text);
        SharedDiskState after = before;
        if (after.state != now) ++after.changes;
        after.state = now;
        return after.to_text();
    });
    if (!changed) diag::warning(changed.error().detail());
    return before;
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
    const auto usage = disk_usage_of(directory_);
    if (!usage) {
        // Whether a message can be written will show when one is.
        if (!std::exchange(unreadable_, true))
            diag::warning("the room for the queue is not known: statvfs " + directory_);
        return;
    }
    unreadable_ = false;
    const DiskState next = next_disk_state(view_.state, *usage, limits_);
    const bool is_other = next != view_.state;
    view_ = {next, room_above_soft(*usage, limits_)};
    if (!is_other) return;
    diag::warning(describe(next));
    if (next == DiskState::soft) limits::count(limits::Limit::queue_min_free);
    if (next == DiskState::hard) limits::count(limits::Limit::queue_min_free_hard);
    if (changed_) changed_(next);
}

}  // namespace sluice::enqueue
