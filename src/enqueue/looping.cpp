#include <optional>

#include "enqueue/message_builder_state.h"

// What becomes of a message that has come through here, or through anybody, too often
// (LOOP_ACTION).
namespace sluice::enqueue {

namespace {

constexpr StatusCode routing_loop{5, 4, 6};

/// The channel whose program reports what became of settled recipients; nullptr: there is none.
const channel::Channel* report_channel(const channel::ChannelTable& channels) {
    const channel::Channel* reprocess = channels.find("reprocess");
    return reprocess != nullptr ? reprocess : channels.find("process");
}

/// Nobody is served: the copy only carries the news to the sender.
void return_to_sender(
    SubmittedRecipient& recipient, const channel::Channel& reports, const std::string& loop
) {
    policy::Destination& destination = recipient.destination;
    if (destination.settled) return;
    destination.settled = StatusText{routing_loop, loop};
    destination.channel = reports.name();
    destination.host.clear();
    destination.hold_reason.clear();
    destination.onward.reset();
}

}  // namespace

// A message with the null sender is held whatever was said: a bounce is never bounced, and who gets
// its refusal would only lose it.
Result<void> MessageBuilder::State::meet_loop() {
    loop = message::loop_reason(header.facts().trace, limits.trace);
    if (loop.empty() || submission.sender.empty()) return {};
    if (limits.loop_action == LoopAction::reject && submission.from_client)
        return Error::permanent(routing_loop, loop, loop);
    const channel::Channel* reports = report_channel(channels);
    if (limits.loop_action != LoopAction::return_to_sender || reports == nullptr) return {};
    for (SubmittedRecipient& recipient : submission.recipients)
        return_to_sender(recipient, *reports, loop);
    loop.clear();
    return {};
}

}  // namespace sluice::enqueue
