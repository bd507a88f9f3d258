#pragma once

#include <cstddef>

#include "base/result.h"
#include "enqueue/runtime.h"

namespace sluice::dequeue {

struct HeldReport {
    std::size_t held = 0;  ///< messages that wait for an operator
    bool told = false;     ///< the postmaster gets mail about them
};

/// Tells the postmaster which messages are held: where one that has a sender was held since he was
/// told last, and once a day as long as there are any. A file in the run directory remembers when
/// that was.
Result<HeldReport> report_held_messages(enqueue::Runtime& runtime);

}  // namespace sluice::dequeue
