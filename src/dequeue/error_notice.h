#pragma once

#include <cstddef>

#include "channel/channel.h"
#include "dequeue/attempt.h"
#include "dequeue/error_action.h"
#include "enqueue/runtime.h"

namespace sluice::dequeue {

/// Tells the postmaster, or whom ERROR_ACTION names, about the failure of the recipient at `index`.
/// True where the notification is in the queue, or the limit per hour keeps it back; it is never
/// about a notification to the address it would go to.
bool tell_postmaster(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    Attempt& attempt,
    std::size_t index,
    const ErrorCase& error,
    const ErrorAction& action
);

}  // namespace sluice::dequeue
