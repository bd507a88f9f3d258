#pragma once

#include "dequeue/master.h"

namespace sluice::dequeue {

/// The deliverer of the channels `process*`, `reprocess*` and `hold`: every recipient goes through
/// rewriting, aliases and access control again, and the message is enqueued to the channels that
/// come out. What is processed from `process` counts as coming from that channel; from the others
/// as coming from where it first came.
std::unique_ptr<Deliverer> make_reprocessor(
    enqueue::Runtime& runtime, const channel::Channel& channel
);

}  // namespace sluice::dequeue
