#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

// How long a client may take. Pure.
namespace sluice::smtp_server {

/// A message must come in at this rate at least, beyond its first DATA_RECEIVE_TIME: one octet
/// every few seconds does not hold a connection for ever.
inline constexpr std::uint64_t least_octets_per_second = 100;

/// Until when more of a message must come that began `since` and has `octets` so far: within
/// `limit`, and altogether at the least rate.
MonoTime data_deadline(
    MonoTime now, MonoTime since, std::uint64_t octets, std::chrono::seconds limit
);

/// The same limit for a service under stress: divided, but not below ten seconds where it was
/// above.
std::chrono::seconds under_stress(std::chrono::seconds limit, unsigned divisor);

}  // namespace sluice::smtp_server
