#include "dequeue/reprocess.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "base/system_log.h"
#include "base/version.h"
#include "dequeue/reprocess_access.h"
#include "enqueue/message_builder.h"
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
        access::MessageEffects effects;
        for (const std::size_t i : recipients) {
            dispositions.push_back(resolve(file, envelope.recipients[i], submission, effects));
        }
        if (submission.recipients.empty()) return dispositions;
        submission.header_edits = effects.header_edits;
        if (effects.discard_all) {
            for (enqueue::SubmittedRecipient& recipient : submission.recipients) {
                if (!recipient.destination.settled)
                    recipient.destination.channel = policy::bitbucket_channel;
            }
        }
        auto enqueued = enforce_line_limits(file, submission);
        if (enqueued)
            enqueued = enqueue_content(file, std::move(submission), header_work(envelope));
        if (!enqueued) {
            for (Disposition& disposition : dispositions) {
                if (disposition.kind == Disposition::Kind::delivered) {
                    disposition = Disposition::from(enqueued.error());
                }
            }
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
        submission.conversion_tags = envelope.conversion_tags;
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

    // Decided when the message came in; the copy is here so that somebody is told.
    static Disposition disposition_of(const StatusText& settled) {
        if (settled.status.status_class != 2)
            return Disposition::failed(settled.status, settled.text);
        Disposition disposition = Disposition::delivered(settled.text);
        disposition.status = settled.status;
        return disposition;
    }

    Disposition resolve(
        const queue::MessageFile& file,
        const queue::Recipient& recipient,
        enqueue::Submission& submission,
        access::MessageEffects& effects
    ) {
        const queue::Envelope& envelope = file.envelope();
        if (recipient.settled) return disposition_of(*recipient.settled);
        policy::RecipientProbe probe;
        probe.source = &source_of(envelope);
        probe.sender = envelope.sender;
        probe.address = recipient.address;
        if (recipient.orcpt)
            probe.orcpt = recipient.orcpt_type.value_or("rfc822") + ';' + *recipient.orcpt;
        add_access_facts(channel_, envelope, recipient, probe);
        probe.reprocessing = true;
        probe.message_size = file.content_size();
        lookup::BlockingAnswers answers(runtime_.sources());
        const auto decision = policy::decide_recipient(runtime_.configuration(), probe, answers);
        for (const std::string& text : decision.access.syslog) system_log().notice(text);
        for (const std::string& warning : decision.access.warnings) diag::warning(warning);
        for (const std::string& warning : decision.warnings) diag::warning(warning);
        if (decision.refusal) {
            const policy::Refusal& refusal = *decision.refusal;
            if (decision.access.refused())
                log_refusal(runtime_, channel_, envelope, recipient, decision);
            return refusal.is_permanent() ? Disposition::failed(refusal.status, refusal.text)
                                          : Disposition::deferred(refusal.status, refusal.text);
        }
        effects.add(decision.effects);
        return take_on(recipient, decision.destinations, submission);
    }

    /// An address that leads back here is reported, alone, while the others are served: it travels
    /// with them as a settled recipient
    /// (docs/adr/0018-failed-members-travel-as-settled-recipients.md), since reported apart either
    /// could be repeated by the next attempt.
    Disposition take_on(
        const queue::Recipient& recipient,
        const std::vector<policy::Destination>& destinations,
        enqueue::Submission& submission
    ) const {
        const auto loops = [this](const policy::Destination& destination) {
            return equals_ignoring_case(destination.channel, channel_.name()) &&
                   destination.hold_reason.empty() && !destination.settled;
        };
        // RFC 3463 section 3.5: routing loop detected.
        const StatusText loop{{5, 4, 6}, "address leads back to channel " + channel_.name()};
        if (std::all_of(destinations.begin(), destinations.end(), loops))
            return Disposition::failed(loop.status, loop.text);
        for (const policy::Destination& destination : destinations) {
            enqueue::SubmittedRecipient submitted;
            submitted.destination = destination;
            if (loops(destination)) {
                submitted.destination.settled = loop;
                submitted.destination.channel = report_channel();
            }
            submitted.original = recipient.orcpt.value_or("");
            submitted.original_type = recipient.orcpt_type.value_or("rfc822");
            submitted.notify = recipient.notify_flags();
            submission.recipients.push_back(std::move(submitted));
        }
        Disposition passed_on = Disposition::delivered();
        passed_on.peer_reports = true;  // who asked to hear of success is told at the end
        return passed_on;
    }

    /// LINELIMIT of mailing lists: what is too long for a list is reported instead.
    Result<void> enforce_line_limits(queue::MessageFile& file, enqueue::Submission& submission) {
        const auto has_limit = [](const enqueue::SubmittedRecipient& recipient) {
            return recipient.destination.line_limit.has_value();
        };
        auto& recipients = submission.recipients;
        if (std::none_of(recipients.begin(), recipients.end(), has_limit)) return {};
        const auto lines = count_lines(file);
        if (!lines) return lines.error();
        for (enqueue::SubmittedRecipient& recipient : recipients) {
            policy::Destination& destination = recipient.destination;
            if (!has_limit(recipient) || *destination.line_limit >= *lines) continue;
            destination.settled = StatusText{{5, 2, 3}, "message too long for the mailing list"};
            destination.channel = report_channel();
            destination.hold_reason.clear();
            destination.header_edits.clear();
        }
        return {};
    }

    static Result<std::uint64_t> count_lines(queue::MessageFile& file) {
        std::uint64_t lines = 0;
        queue::WireReader reader(file);
        while (true) {
            const auto octets = reader.next();
            if (!octets) return octets.error();
            if (octets->empty()) return lines;
            lines += static_cast<std::uint64_t>(std::count(octets->begin(), octets->end(), '\n'));
        }
    }

    /// A channel whose program reports settled recipients.
    [[nodiscard]] std::string report_channel() const {
        const bool has_reprocess =
            runtime_.configuration().imta.channels.find("reprocess") != nullptr;
        return has_reprocess ? "reprocess" : "process";
    }

    /// Notifications of our own, which come by the process channel, stay as they were written.
    std::unique_ptr<enqueue::HeaderWork> header_work(const queue::Envelope& envelope) const {
        if (starts_with_ignoring_case(channel_.name(), "process")) return nullptr;
        auto work = std::make_unique<enqueue::HeaderWork>();
        work->configuration = runtime_.snapshot();
        work->source = &source_of(envelope);
        work->answers = std::make_unique<lookup::Gathering>(runtime_.sources());
        work->sender = envelope.sender;
        return work;
    }

    Result<void> enqueue_content(
        queue::MessageFile& file,
        enqueue::Submission submission,
        std::unique_ptr<enqueue::HeaderWork> work
    ) {
        const config::Configuration& configuration = runtime_.configuration();
        const auto options = enqueue::log_options_of(configuration, submission.source_channel);
        enqueue::MessageBuilder builder(
            runtime_.site(), configuration.imta.channels, runtime_.limits(), std::move(submission),
            options, std::move(work)
        );
        queue::WireReader reader(file);
        while (true) {
            const auto octets = reader.next();
            if (!octets) return octets.error();
            if (octets->empty()) break;
            if (auto appended = builder.append(*octets); !appended) return appended;
        }
        auto prepared = builder.finish();
        if (!prepared) return std::move(prepared).error();
        return std::move(*prepared).commit(runtime_.site());
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
