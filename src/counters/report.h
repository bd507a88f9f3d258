#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "counters/segment.h"

// What `imsimta counters show` prints. Pure.
namespace sluice::counters {

/// What waits in a channel's queue, as the job controller tells it. Held messages do not count.
struct Waiting {
    std::string channel = {};
    std::string pool = {};
    std::uint64_t messages = 0;
    std::uint64_t recipients = 0;
    std::uint64_t octets = 0;
    std::optional<WallTime> oldest = {};
    std::uint64_t jobs = 0;
    bool stopped = false;
};

/// Replaces the sums of Group::stored, which may be off after a reset, by what really waits.
/// Channels that were never counted but have mail are added; those about which nothing is said have
/// none.
void apply_waiting(
    std::vector<ChannelCounts>& channels,
    const std::vector<Waiting>& waiting,
    std::uint64_t block_size
);

/// What has changed from `before` to `after`. Levels (stored, connections open now) are those of
/// `after`. A channel whose counters were cleared in between shows what it has now.
std::vector<ChannelCounts> difference(
    const std::vector<ChannelCounts>& before, const std::vector<ChannelCounts>& after
);

/// The same for limits.
LimitCounts difference(const LimitCounts& before, const LimitCounts& after);

struct ReportStyle {
    bool heading = true;
    bool channels = true;
    bool associations = true;
    bool limits = true;
};
/// Rows of associations that are zero are left out, and channels with nothing at all.
void write_report(
    std::ostream& out, const std::vector<ChannelCounts>& channels, const ReportStyle& style
);

/// Those that were reached; nothing where none was.
void write_limits(std::ostream& out, const LimitCounts& limits, const ReportStyle& style);

}  // namespace sluice::counters
