#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

// Limits that were reached: each is counted, over all processes of the instance (counters/
// limit_recorder.h), and the component log has a line about it when it is reached first and then at
// most once a minute. Nothing is done for a limit that is not reached.
namespace sluice::limits {

enum class Limit : std::uint8_t {
#define SLUICE_LIMIT(name) name,
#include "base/limit_table.inc"
#undef SLUICE_LIMIT
};

inline constexpr std::size_t limit_count = 0
#define SLUICE_LIMIT(name) +1
#include "base/limit_table.inc"
#undef SLUICE_LIMIT
    ;

/// "max_conns_per_source", as metrics and the log have it.
std::string_view name_of(Limit limit);

/// The limit was reached; `detail` says by whom and where it is set. Thread-safe, and never waits
/// for anything but the log.
void hit(Limit limit, std::string_view detail, std::uint64_t times = 1);
/// Counts only: for what has a line of its own.
void count(Limit limit, std::uint64_t times = 1);

/// Takes part in the count; called with a lock held. One for a process: another takes its place.
using Counter = std::function<void(Limit, std::uint64_t times)>;
void set_counter(Counter counter);

}  // namespace sluice::limits
