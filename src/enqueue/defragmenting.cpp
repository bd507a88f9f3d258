#include "enqueue/defragmenting.h"

#include "base/bytes.h"
#include "channel/keyword.h"
#include "message/partial.h"

namespace sluice::enqueue {

namespace {

std::string complete_address(const std::string& address, const channel::Channel& channel) {
    const bool has_host = address.find('@') != std::string::npos;
    return has_host ? address : address + '@' + channel.official_host();
}

void lead(policy::Destination& destination, const channel::ChannelTable& channels) {
    // What would be converted is put together before.
    const std::string& name =
        destination.onward ? destination.onward->channel : destination.channel;
    const channel::Channel* channel = channels.find(name);
    if (channel == nullptr || !channel->has(channel::Keyword::defragment)) return;
    if (!destination.onward) {
        destination.onward =
            channel::Onward{destination.channel, destination.address, destination.host};
        destination.address = complete_address(destination.address, *channel);
    }
    destination.channel = defragment_channel;
    destination.host.clear();
}

}  // namespace

void lead_to_defragment(
    Submission& submission, const message::HeaderFacts& facts, const channel::ChannelTable& channels
) {
    if (channels.find(defragment_channel) == nullptr) return;
    if (equals_ignoring_case(submission.source_channel, defragment_channel)) return;
    if (!message::partial_labels(facts.content_type)) return;
    for (SubmittedRecipient& recipient : submission.recipients) {
        if (!recipient.destination.settled) lead(recipient.destination, channels);
    }
}

}  // namespace sluice::enqueue
