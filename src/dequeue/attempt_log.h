#pragma once

#include <vector>

#include "dequeue/attempt.h"
#include "enqueue/runtime.h"
#include "log/event.h"

// What the transaction log says about an attempt (spec page logging, section 3.1). Only values are
// made here.
namespace sluice::dequeue {

/// D, R, K, Q, Z for each recipient, behind its W where a warning was sent.
std::vector<log::Event> events_of(enqueue::Runtime& runtime, const Attempt& attempt);
/// The same without those who merely stay: nobody tried to reach them.
std::vector<log::Event> events_of_ageing(enqueue::Runtime& runtime, const Attempt& attempt);

/// Appends the header lines that log_header.opt selects, where somebody got the message.
void add_header_entries(
    enqueue::Runtime& runtime, Attempt& attempt, std::vector<log::Event>& events
);

/// E for each recipient that went on in the file at `location`, after Z.
std::vector<log::Event> events_of_replacement(
    enqueue::Runtime& runtime, const Attempt& attempt, const queue::MessageLocation& location
);

/// The delivery to each recipient begins.
std::vector<log::Event> events_of_start(enqueue::Runtime& runtime, const Attempt& attempt);

/// The file was removed and nothing of it is left to do.
log::Event event_of_end(
    enqueue::Runtime& runtime,
    const queue::MessageFile& file,
    const queue::MessageLocation& location
);

/// H for the message.
log::Event event_of_hold(
    enqueue::Runtime& runtime, const Attempt& attempt, const std::string& reason
);

}  // namespace sluice::dequeue
