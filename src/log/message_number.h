#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace sluice::log {

/// The number that logs in the style of other products know a message by: the same in every process
/// and for all copies of the message, and not used again. Milliseconds of its arrival times
/// 1,000,000, plus a hash of its envelope id below that; two messages of one millisecond have the
/// same number once in a million. Fits 63 bits until the year 2262. Pure.
[[nodiscard]] std::uint64_t message_number(std::string_view envelope_id, WallTime enqueued);

/// The part of the number that does not tell the time.
inline constexpr std::uint64_t message_number_tail = 1'000'000;

}  // namespace sluice::log
