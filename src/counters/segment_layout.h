#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/limit_hits.h"
#include "counters/cells.h"

// The bytes of the segment (docs/formats/counters.md). Native byte order: it is never moved to
// another machine. All cells are lock-free atomics, so that they work across processes.
namespace sluice::counters::layout {

inline constexpr std::array<char, 8> magic = {'S', 'L', 'C', 'O', 'U', 'N', 'T', '1'};
inline constexpr std::uint32_t version = 2;
inline constexpr std::size_t shard_count = 8;  ///< threads add to different cache lines
inline constexpr std::size_t name_size = 64;
inline constexpr std::size_t process_count = 256;
inline constexpr std::size_t channels_per_process = 16;
inline constexpr std::size_t cache_line = 64;

using Counter = std::atomic<std::int64_t>;
static_assert(Counter::is_always_lock_free && sizeof(Counter) == 8);

struct alignas(cache_line) Header {
    std::array<char, 8> magic{};
    std::uint32_t version = 0;
    std::uint32_t cells = 0;
    std::uint32_t capacity = 0;             ///< channels
    std::atomic<std::uint32_t> channels{};  ///< places taken; grows only, under the file's lock
    std::int64_t created = 0;               ///< microseconds since 1970
    std::uint32_t limits = 0;
};

struct alignas(cache_line) Shard {
    std::array<Counter, cell_count> cells;
};

struct alignas(cache_line) Channel {
    std::array<char, name_size> name{};  ///< ends with NUL
    Counter last_in{};                   ///< microseconds since 1970; 0: never
    Counter last_out{};
    std::array<Shard, shard_count> shards;
};

struct Current {
    std::atomic<std::uint32_t> place{};  ///< of the channel, counted from 1; 0: free
    std::atomic<std::int32_t> in{};
    std::atomic<std::int32_t> out{};
    std::uint32_t unused = 0;
};

/// Belongs to the process that has its number; one that ended leaves it to others.
struct alignas(cache_line) Process {
    std::atomic<std::int32_t> pid{};       ///< 0: free
    std::atomic<std::uint64_t> started{};  ///< start time of the process, in clock ticks since boot
    std::array<Current, channels_per_process> current;
};

/// How often each limit was reached.
struct alignas(cache_line) Limits {
    std::array<Counter, limits::limit_count> hits;
};

struct Segment {
    Header header;
    Limits limits;
    std::array<Process, process_count> processes;
    // Channel channels[header.capacity] follows.
};

}  // namespace sluice::counters::layout
