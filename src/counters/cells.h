#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// What is counted about a channel. Modelled on the groups of the Mail Monitoring MIB (RFC 2789),
// where a group is a channel.
namespace sluice::counters {

/// Each has four cells: messages, recipients, octets, blocks.
enum class Group : std::uint8_t {
    received,         ///< enqueued to the channel (E, destination)
    submitted,        ///< enqueued by the channel (E, source)
    delivered_first,  ///< left the queue at the first attempt (D)
    delivered_later,  ///< left the queue later, or was returned or given up (D, R, K)
    stored,           ///< enqueued to it and not yet gone: may be negative after a reset
    attempted,        ///< attempts that ended with a temporary problem (Q, Z)
    rejected,         ///< refused on the way in (J)
    failed,           ///< given up with a notification (R)
};
inline constexpr std::size_t group_count = 8;

enum class Measure : std::uint8_t { messages, recipients, octets, blocks };
inline constexpr std::size_t measure_count = 4;

/// Whether a message left at its first attempt.
enum class Attempt : std::uint8_t { first, later };
inline constexpr std::size_t attempt_count = 2;

/// Upper bounds of the histogram of times in the queue, in seconds; beyond the last is one more.
inline constexpr std::array<double, 15> queue_time_bounds = {
    0.1, 1, 5, 10, 30, 60, 300, 900, 3600, 14400, 43200, 86400, 172800, 259200, 432000};
inline constexpr std::size_t bucket_count = queue_time_bounds.size() + 1;

enum class Association : std::uint8_t {
    total_in,
    total_out,
    rejected_in,
    rejected_out,
    failed_out,
};
inline constexpr std::size_t association_count = 5;

/// Index of a cell: numbers that only grow, except those of Group::stored.
using Cell = std::size_t;

constexpr Cell cell(Group group, Measure measure) {
    return static_cast<std::size_t>(group) * measure_count + static_cast<std::size_t>(measure);
}
inline constexpr Cell first_bucket = group_count * measure_count;
constexpr Cell bucket_cell(Attempt attempt, std::size_t bucket) {
    return first_bucket + static_cast<std::size_t>(attempt) * bucket_count + bucket;
}
inline constexpr Cell first_seconds = first_bucket + attempt_count * bucket_count;
/// Sum of the seconds in the queue.
constexpr Cell seconds_cell(Attempt attempt) {
    return first_seconds + static_cast<std::size_t>(attempt);
}
inline constexpr Cell first_association = first_seconds + attempt_count;
constexpr Cell association_cell(Association association) {
    return first_association + static_cast<std::size_t>(association);
}
/// Messages held because they went in circles.
inline constexpr Cell loops_cell = first_association + association_count;
inline constexpr std::size_t cell_count = loops_cell + 1;

}  // namespace sluice::counters
