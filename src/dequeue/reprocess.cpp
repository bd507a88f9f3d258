#include "dequeue/reprocess.h"

#include <deque>

#include "base/bytes.h"
#include "base/version.h"
#include "dequeue/notice_sender.h"
#include "enqueue/message_builder.h"
#include "mapping/answers.h"
#include "policy/recipient.h"

namespace sluice::dequeue {

namespace {

class Reprocessor final : public Deliverer {
public:
    Reprocessor(enqueue::Runtime& runtime, const channel::Channel& channel)
        : runtime_(runtime), channel_(channel) {}

    std::vector<Disposition>
    deliver(queue::MessageFile& file, const std::vector<std::size_t>& recipients, const std::string&)
        override {
        const queue::Envelope& envelope = file.envelope();
        std::vector<Disposition> dispositions;
        enqueue::Submission submission = submission_from(envelope);
        for (const std::size_t i : recipients) {
            dispositions.push_back(resolve(envelope, envelope.recipients[i], submission));
        }
        if (submission.recipients.empty()) return dispositions;
        const auto enqueued = enqueue_all(file, std::move(submission), recipients, dispositions);
        if (enqueued) return dispositions;
        for (Disposition& disposition : dispositions) {
            if (disposition.kind == Disposition::Kind::delivered)
                disposition = Disposition::from(enqueued.error());
        }
        return dispositions;
    }

private:
    [[nodiscard]] const channel::Channel& source_of(const queue::Envelope& envelope) const {
        if (starts_with_ignoring_case(channel_.name(), "process")) return channel_;
        const auto* first = runtime_.configuration().imta.channels.find(envelope.source_channel);
        return first != nullptr ? *first : channel_;
    }

    enqueue::Submission submission_from(const queue::Envelope& envelope) const {
        const channel::Channel& source = source_of(envelope);
        const std::string local_host(runtime_.configuration().local_host());
        enqueue::Submission submission;
        submission.source_channel = source.name();
        submission.source_host = source.official_host();
        submission.sender = envelope.sender;
        submission.enqueued = envelope.enqueued;  // running it again does not make it younger
        submission.owner = envelope.owner;
        submission.envelope_id = envelope.envelope_id;
        submission.ret = envelope.ret;
        submission.features = envelope.features;
        submission.transport = envelope.transport;
        submission.encoding = envelope.encoding;
        submission.log_template.username = envelope.owner;
        submission.log_template.source.name = source.official_host();
        message::ReceivedLine received;
        received.helo = channel_.official_host();
        received.by = local_host;
        received.version = product_version;
        submission.received = received;
        return submission;
    }

    Disposition resolve(
        const queue::Envelope& envelope,
        const queue::Recipient& recipient,
        enqueue::Submission& submission
    ) {
        policy::RecipientProbe probe;
        probe.source = &source_of(envelope);
        probe.sender = envelope.sender;
        probe.address = recipient.address;
        if (recipient.orcpt)
            probe.orcpt = recipient.orcpt_type.value_or("rfc822") + ';' + *recipient.orcpt;
        // Notices that we make ourselves are not probed (spec page access-control, section 1).
        probe.skip_access_tables = envelope.sender.empty();
        probe.reprocessing = true;
        mapping::NoAnswers answers;
        const auto decision = policy::decide_recipient(runtime_.configuration(), probe, answers);
        if (decision.refusal) {
            const policy::Refusal& refusal = *decision.refusal;
            return refusal.is_permanent() ? Disposition::failed(refusal.status, refusal.text)
                                          : Disposition::deferred(refusal.status, refusal.text);
        }
        Disposition disposition = Disposition::delivered();
        for (const policy::Destination& destination : decision.destinations) {
            if (equals_ignoring_case(destination.channel, channel_.name()) &&
                destination.hold_reason.empty()) {
                disposition.failed_members.push_back(looping(destination.address));
                continue;
            }
            enqueue::SubmittedRecipient submitted;
            submitted.destination = destination;
            submitted.original = recipient.orcpt.value_or("");
            submitted.original_type = recipient.orcpt_type.value_or("rfc822");
            submitted.notify = recipient.notify_flags();
            submission.recipients.push_back(std::move(submitted));
        }
        if (disposition.failed_members.size() < decision.destinations.size()) return disposition;
        const FailedMember& member = disposition.failed_members.front();
        return Disposition::failed(member.status, member.diagnostic);
    }

    [[nodiscard]] FailedMember looping(const std::string& address) const {
        // RFC 3463 section 3.5: routing loop detected.
        return {address, {5, 4, 6}, "address leads back to channel " + channel_.name()};
    }

    /// The message for all who can be served, and with it what there is to tell about the others:
    /// queued apart, either could be repeated by the next attempt.
    Result<void> enqueue_all(
        queue::MessageFile& file,
        enqueue::Submission submission,
        const std::vector<std::size_t>& recipients,
        std::vector<Disposition>& dispositions
    ) {
        auto message = write_message(file, std::move(submission));
        if (!message) return std::move(message).error();
        auto notice = notice_about_members(file, recipients, dispositions);
        if (!notice) return std::move(notice).error();
        notice->push_back(std::move(*message));
        return enqueue::PreparedMessage::commit_together(std::move(*notice), runtime_.site());
    }

    Result<std::vector<enqueue::PreparedMessage>> notice_about_members(
        queue::MessageFile& file,
        const std::vector<std::size_t>& recipients,
        std::vector<Disposition>& dispositions
    ) {
        std::deque<queue::Recipient> members;
        std::deque<Disposition> failures;
        std::vector<FailedMember*> places;
        std::vector<NoticeItem> items;
        for (std::size_t i = 0; i < dispositions.size(); ++i) {
            for (FailedMember& member : dispositions[i].failed_members) {
                members.push_back(file.envelope().recipients[recipients[i]]);
                members.back().address = member.address;
                failures.push_back(Disposition::failed(member.status, member.diagnostic));
                items.push_back({&members.back(), &failures.back(), member.status});
                places.push_back(&member);
            }
        }
        if (items.empty()) return std::vector<enqueue::PreparedMessage>{};
        const WallTime now = runtime_.store().clock().wall_now();
        auto notice = prepare_notice(runtime_, channel_, file, Notice::failed, items, now);
        if (!notice) return std::move(notice).error();
        for (std::size_t i = 0; i < places.size(); ++i)
            places[i]->told = notice->result.told[i];
        return std::move(notice->messages);
    }

    Result<enqueue::PreparedMessage> write_message(
        queue::MessageFile& file, enqueue::Submission submission
    ) {
        const config::Configuration& configuration = runtime_.configuration();
        const auto options = enqueue::log_options_of(configuration, submission.source_channel);
        enqueue::MessageBuilder builder(
            runtime_.site(), configuration.imta.channels, runtime_.limits(), std::move(submission),
            options
        );
        queue::WireReader reader(file);
        while (true) {
            const auto octets = reader.next();
            if (!octets) return octets.error();
            if (octets->empty()) return builder.finish();
            if (auto appended = builder.append(*octets); !appended) return appended.error();
        }
    }

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
};

}  // namespace

std::unique_ptr<Deliverer> make_reprocessor(
    enqueue::Runtime& runtime, const channel::Channel& channel
) {
    return std::make_unique<Reprocessor>(runtime, channel);
}

}  // namespace sluice::dequeue
