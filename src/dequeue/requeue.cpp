#include "dequeue/requeue.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "base/system_log.h"
#include "base/version.h"
#include "dequeue/reprocess_access.h"

namespace sluice::dequeue {

namespace {

/// Channels in whose own name mail goes on.
bool is_a_source(std::string_view channel) {
    return starts_with_ignoring_case(channel, "process") ||
           starts_with_ignoring_case(channel, "conversion") ||
           starts_with_ignoring_case(channel, "defragment");
}

// Decided when the message came in; the copy is here so that somebody is told.
Disposition disposition_of(const StatusText& settled) {
    if (settled.status.status_class != 2) return Disposition::failed(settled.status, settled.text);
    Disposition disposition = Disposition::delivered(settled.text);
    disposition.status = settled.status;
    // RFC 3463 section 3.2: the only success that is settled in advance is that of a list.
    disposition.kind = Disposition::Kind::expanded;
    return disposition;
}

Result<std::uint64_t> count_lines(const Content& content) {
    std::uint64_t lines = 0;
    while (true) {
        const auto octets = content();
        if (!octets) return octets.error();
        if (octets->empty()) return lines;
        lines += static_cast<std::uint64_t>(std::count(octets->begin(), octets->end(), '\n'));
    }
}

}  // namespace

std::vector<Disposition> Requeuer::requeue(
    const queue::MessageFile& file,
    const std::vector<std::size_t>& recipients,
    const OpenContent& content
) {
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
    auto enqueued = enforce_line_limits(content, submission);
    if (enqueued)
        enqueued = enqueue_content(content(), std::move(submission), header_work(envelope));
    if (!enqueued) {
        for (Disposition& disposition : dispositions) {
            if (disposition.kind == Disposition::Kind::delivered) {
                disposition = Disposition::from(enqueued.error());
            }
        }
    }
    return dispositions;
}

const channel::Channel& Requeuer::source_of(const queue::Envelope& envelope) const {
    if (is_a_source(channel_.name())) return channel_;
    const auto* first = runtime_.configuration().imta.channels.find(envelope.source_channel);
    return first != nullptr ? *first : channel_;
}

enqueue::Submission Requeuer::submission_from(const queue::Envelope& envelope) const {
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
    // What came in by a session was shown to the filters then, unless they could not be asked.
    auto& features = submission.features;
    const auto unfiltered = std::find(features.begin(), features.end(), queue::feature_unfiltered);
    submission.source_filtered = unfiltered == features.end() && !is_a_source(channel_.name());
    if (unfiltered != features.end()) features.erase(unfiltered);
    submission.requeued = true;
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

Disposition Requeuer::resolve(
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
    probe.onward = recipient.onward;
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
Disposition Requeuer::take_on(
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
Result<void> Requeuer::enforce_line_limits(
    const OpenContent& content, enqueue::Submission& submission
) const {
    const auto has_limit = [](const enqueue::SubmittedRecipient& recipient) {
        return recipient.destination.line_limit.has_value();
    };
    auto& recipients = submission.recipients;
    if (std::none_of(recipients.begin(), recipients.end(), has_limit)) return {};
    const auto lines = count_lines(content());
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

/// A channel whose program reports settled recipients.
std::string Requeuer::report_channel() const {
    const bool has_reprocess = runtime_.configuration().imta.channels.find("reprocess") != nullptr;
    return has_reprocess ? "reprocess" : "process";
}

/// Notifications of our own, which come by the process channel, stay as they were written.
std::unique_ptr<enqueue::HeaderWork> Requeuer::header_work(const queue::Envelope& envelope) const {
    if (starts_with_ignoring_case(channel_.name(), "process")) return nullptr;
    auto work = std::make_unique<enqueue::HeaderWork>();
    work->configuration = runtime_.snapshot();
    work->source = &source_of(envelope);
    work->answers = std::make_unique<lookup::Gathering>(runtime_.sources());
    work->sender = envelope.sender;
    return work;
}

Result<void> Requeuer::enqueue_content(
    const Content& content,
    enqueue::Submission submission,
    std::unique_ptr<enqueue::HeaderWork> work
) {
    const config::Configuration& configuration = runtime_.configuration();
    const auto options = enqueue::log_options_of(configuration, submission.source_channel);
    enqueue::MessageBuilder builder(
        runtime_.site(), configuration.imta.channels, runtime_.limits(), std::move(submission),
        options, std::move(work)
    );
    while (true) {
        const auto octets = content();
        if (!octets) return octets.error();
        if (octets->empty()) break;
        if (auto appended = builder.append(*octets); !appended) return appended;
    }
    auto prepared = builder.finish();
    if (!prepared) return std::move(prepared).error();
    return std::move(*prepared).commit(runtime_.site());
}

}  // namespace sluice::dequeue
