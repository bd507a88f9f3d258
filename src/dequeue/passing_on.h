#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "access/message_effects.h"
#include "dequeue/disposition.h"
#include "enqueue/message_builder.h"
#include "enqueue/runtime.h"
#include "policy/recipient.h"
#include "queue/message_file.h"

// What channels have in common whose programs enqueue again what they take from a queue: the
// families reprocess and conversion.
namespace sluice::dequeue {

/// A channel at that work, and the channel in whose name its mail goes on.
struct PassingChannel {
    enqueue::Runtime& runtime;
    const channel::Channel& channel;
    const channel::Channel& source;
};

/// What the policy is asked about a recipient of a message in the queue.
policy::RecipientProbe probe_for(
    const PassingChannel& passing, const queue::MessageFile& file, const queue::Recipient& recipient
);
/// The decision with all answers; waits for them.
policy::RecipientDecision decide(
    const PassingChannel& passing, const policy::RecipientProbe& probe
);
/// What a decision has to say to the system log and the component log.
void tell(const policy::RecipientDecision& decision);
/// The recipient is refused: what becomes of it, with its entry in the log where an access table
/// did it. nullopt: it is not.
std::optional<Disposition> refused(
    const PassingChannel& passing,
    const queue::Envelope& envelope,
    const queue::Recipient& recipient,
    const policy::RecipientDecision& decision
);
/// "Delivered", in that the message is on its way; whoever asked to hear of success is told at its
/// end.
Disposition passed_on();

enqueue::SubmittedRecipient submitted_recipient(
    const queue::Recipient& recipient, const policy::Destination& destination
);
/// All but the recipients. It is as old as it was in the queue.
enqueue::Submission submission_for(const PassingChannel& passing, const queue::Envelope& envelope);
/// What access tables want of the whole message.
void apply(const access::MessageEffects& effects, enqueue::Submission& submission);
/// For headers and envelope From that its new channels rewrite.
std::unique_ptr<enqueue::HeaderWork> header_work_for(
    const PassingChannel& passing, const queue::Envelope& envelope
);
/// The message, not in the queue yet. `write` gives all of its content to the function it gets.
using WriteContent =
    std::function<Result<void>(const std::function<Result<void>(std::string_view)>&)>;
Result<enqueue::PreparedMessage> prepare(
    const PassingChannel& passing,
    enqueue::Submission submission,
    std::unique_ptr<enqueue::HeaderWork> work,
    const WriteContent& write
);

}  // namespace sluice::dequeue
