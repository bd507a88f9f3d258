#pragma once

#include "channel/channel.h"
#include "enqueue/runtime.h"
#include "policy/recipient.h"
#include "queue/envelope.h"

// Access tables and mail that comes from a queue (spec page access-control, section 1).
namespace sluice::dequeue {

/// Fills in what access tables see of such mail: the channel that enqueues it now and, on channels
/// of the family `reprocess`, the session that it once came by. Pure.
void add_access_facts(
    const channel::Channel& channel,
    const queue::Envelope& envelope,
    const queue::Recipient& recipient,
    policy::RecipientProbe& probe
);

/// Writes the entry J of a recipient that a table refused.
void log_refusal(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    const queue::Envelope& envelope,
    const queue::Recipient& recipient,
    const policy::RecipientDecision& decision
);

}  // namespace sluice::dequeue
