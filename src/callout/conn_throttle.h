#pragma once

#include "base/clock.h"
#include "callout/registry.h"

namespace sluice::callout {

/// Adds the routines of the image `conn_throttle`, which count in this process:
///
///     throttle    ip,rate: counts one connection; succeeds, with empty text, when the address has
///                 made more than `rate` within a minute
///     throttle_p  the same, and who goes on all the same begins a new minute
///
/// The minute begins with the first connection. The routines share their counts.
void add_throttle_routines(Registry& registry, const Clock& clock);

}  // namespace sluice::callout
