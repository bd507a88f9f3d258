#include "enqueue/copy_envelope.h"

#include <algorithm>

namespace sluice::enqueue {

namespace {

std::string_view priority_word(message::Priority priority) {
    switch (priority) {
        case message::Priority::urgent:
            return "urgent";
        case message::Priority::normal:
            return "normal";
        case message::Priority::nonurgent:
            return "nonurgent";
        case message::Priority::second_class:
            return "second";
        case message::Priority::third_class:
            return "third";
    }
    return "normal";
}

queue::Recipient queue_recipient(const SubmittedRecipient& submitted) {
    queue::Recipient recipient;
    recipient.address = submitted.destination.address;
    if (!submitted.original.empty()) {
        recipient.orcpt_type = submitted.original_type;
        recipient.orcpt = submitted.original;
    }
    if (!submitted.destination.intermediate.empty())
        recipient.intermediate = submitted.destination.intermediate;
    recipient.notify = submitted.notify;
    if (!submitted.destination.host.empty()) recipient.host = submitted.destination.host;
    recipient.settled = submitted.destination.settled;
    recipient.onward = submitted.destination.onward;
    return recipient;
}

}  // namespace

void declare_eight_bit(std::vector<std::string>& features) {
    const std::string name = "8BITMIME";
    if (std::find(features.begin(), features.end(), name) == features.end())
        features.push_back(name);
}

void begin_redistribution(SubmittedRecipient& recipient) {
    const policy::Destination& destination = recipient.destination;
    if (!destination.is_list_copy) return;
    recipient.original =
        destination.intermediate.empty() ? destination.address : destination.intermediate;
    recipient.original_type = "rfc822";
    recipient.notify = queue::notify_explicit | queue::notify_failure |
                       (destination.list_reports_delay ? queue::notify_delay : 0U);
}

std::string hold_reason_of(const Copy& copy, const std::string& loop) {
    if (!loop.empty()) return loop;
    return copy.hold_reason.empty() ? copy.shape->hold_reason : copy.hold_reason;
}

queue::Envelope copy_envelope(
    const Copy& copy,
    const Submission& submission,
    const message::HeaderFacts& facts,
    const std::string& envelope_id,
    const std::string& loop,
    WallTime now
) {
    queue::Envelope envelope;
    envelope.enqueued = submission.enqueued.value_or(now);
    envelope.owner = submission.owner;
    envelope.source_channel = submission.source_channel;
    envelope.source_host = submission.source_host;
    envelope.transport = submission.transport;
    envelope.envelope_id = envelope_id;
    if (!facts.message_id.empty()) envelope.message_id = facts.message_id;
    envelope.features = submission.features;
    if (facts.sensitivity != message::Sensitivity::none &&
        !envelope.has_feature(queue::feature_sensitivity)) {
        envelope.features.push_back(
            std::string(queue::feature_sensitivity) + '=' +
            std::to_string(static_cast<int>(facts.sensitivity))
        );
    }
    if (copy.needs_eight_bit) declare_eight_bit(envelope.features);
    envelope.priority = priority_word(facts.priority);
    envelope.ret = submission.ret;
    envelope.encoding = submission.encoding;
    envelope.sender = copy.sender;
    if (std::string reason = hold_reason_of(copy, loop); !reason.empty())
        envelope.hold_reason = std::move(reason);
    envelope.conversion_tags = submission.conversion_tags;
    for (const std::string& tag : copy.shape->conversion_tags)
        envelope.conversion_tags.push_back(tag);
    for (const std::string& tag : copy.conversion_tags) envelope.conversion_tags.push_back(tag);
    for (const std::size_t i : copy.recipients)
        envelope.recipients.push_back(queue_recipient(submission.recipients[i]));
    return envelope;
}

}  // namespace sluice::enqueue
