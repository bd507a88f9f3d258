#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "enqueue/runtime.h"

// The pass of the return job over the whole queue: what is too old goes back to its sender, and who
// waits long is told (notifications.md section 6.1). An attempt that fails looks at the same ages;
// this pass finds what nobody tries.
namespace sluice::dequeue {

struct AgeingReport {
    std::size_t messages = 0;  ///< looked at
    std::size_t acted_on = 0;  ///< returned, or their senders warned
    std::size_t busy = 0;      ///< left to the attempt that is going on
    std::size_t unreadable = 0;
};

/// One line for each message looked at and what was decided: for RETURN_DEBUG.
using AgeingTrace = std::function<void(std::string_view line)>;

/// Looks at every message that is not held; held ones go back once they are older than
/// HELD_MAX_AGE, where that is set and they have a sender. Takes each message's lock before it
/// changes anything and may be stopped, killed and run again at any time: a notification is durable
/// before its recipient goes, and a warning is noted in the file. Channels that are not in the
/// configuration are left alone. Fails where the queue cannot be read.
Result<AgeingReport> age_queue(enqueue::Runtime& runtime, const AgeingTrace& trace = {});

}  // namespace sluice::dequeue
