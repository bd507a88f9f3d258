#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "dequeue/disposition.h"
#include "dequeue/passing_on.h"
#include "queue/message_file.h"

namespace sluice::dequeue {

/// Content on its way: the next octets, with CRLF; empty at the end. Views are good until the next
/// call.
using Content = std::function<Result<std::string_view>()>;
/// Begins with the content from its first octet; called once or twice for a message.
using OpenContent = std::function<Content()>;

/// Enqueues a message that a channel has, with the same or other content, to where its recipients
/// go now. Every recipient goes through rewriting, aliases and access control again, but for those
/// whose destination was decided when the message came in (channel::Onward). What is processed from
/// channels of the families `process`, `conversion` and `defragment` counts as coming from that
/// channel; from others as coming from where it first came. One thread.
class Requeuer {
public:
    Requeuer(enqueue::Runtime& runtime, const channel::Channel& channel)
        : runtime_(runtime), channel_(channel) {}

    /// One disposition for each of `recipients` (indexes in the envelope). "Delivered" is durable:
    /// all of them are in the queue of their channels then, in one message.
    std::vector<Disposition> requeue(
        const queue::MessageFile& file,
        const std::vector<std::size_t>& recipients,
        const OpenContent& content
    );

private:
    [[nodiscard]] const channel::Channel& source_of(const queue::Envelope& envelope) const;
    [[nodiscard]] PassingChannel passing(const queue::Envelope& envelope) const;
    [[nodiscard]] enqueue::Submission submission_from(const queue::Envelope& envelope) const;
    Disposition resolve(
        const queue::MessageFile& file,
        const queue::Recipient& recipient,
        enqueue::Submission& submission,
        access::MessageEffects& effects
    );
    [[nodiscard]] Disposition take_on(
        const queue::Recipient& recipient,
        const std::vector<policy::Destination>& destinations,
        enqueue::Submission& submission
    ) const;
    [[nodiscard]] Result<void> enforce_line_limits(
        const OpenContent& content, enqueue::Submission& submission
    ) const;
    [[nodiscard]] std::string report_channel() const;
    Result<void> enqueue_content(
        const Content& content, enqueue::Submission submission, const queue::Envelope& envelope
    );

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
};

}  // namespace sluice::dequeue
