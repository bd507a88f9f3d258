#pragma once

#include <cstdint>

namespace sluice::dispatcher {

/// Tells the services of one dispatcher apart for as long as it runs: one that a reload took away
/// has a number that no later one gets. 0 is none.
using ServiceNumber = std::uint64_t;

}  // namespace sluice::dispatcher
