#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "counters/cells.h"
#include "log/event.h"

namespace sluice::counters {

/// One cell of one channel grows by so much. The name points into an event.
struct Change {
    std::string_view channel;
    Cell cell = 0;
    std::int64_t amount = 0;

    friend bool operator==(const Change&, const Change&) = default;
};

/// Whether events of this kind change any counter.
[[nodiscard]] bool is_counted(log::EventKind kind);

/// What the events of one operation mean for the counters, in the order of the events. Recipients
/// are counted one by one, as the log has entries; a message is counted once for each queue file
/// and channel. `block_size`: octets of a block, a message takes whole ones. Pure.
std::vector<Change> tally(std::span<const log::Event> events, std::uint64_t block_size);

/// Bucket of the histogram for a time in the queue.
[[nodiscard]] std::size_t bucket_of(std::chrono::seconds time);

}  // namespace sluice::counters
