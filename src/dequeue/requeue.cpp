#include "dequeue/requeue.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/kill_point.h"
#include "dequeue/passing_on.h"

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
    // A list has the message. RFC 3464 section 2.3.3: that is no "expanded", but "delivered".
    Disposition disposition = Disposition::delivered(settled.text);
    disposition.status = settled.status;
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
    apply(effects, submission);
    auto enqueued = enforce_line_limits(content, submission);
    if (enqueued) enqueued = enqueue_content(content(), std::move(submission), envelope);
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

PassingChannel Requeuer::passing(const queue::Envelope& envelope) const {
    return {runtime_, channel_, source_of(envelope)};
}

enqueue::Submission Requeuer::submission_from(const queue::Envelope& envelope) const {
    enqueue::Submission submission = submission_for(passing(envelope), envelope);
    // What came in by a session was shown to the filters then, unless they could not be asked.
    auto& features = submission.features;
    const auto unfiltered = std::find(features.begin(), features.end(), queue::feature_unfiltered);
    submission.source_filtered = unfiltered == features.end() && !is_a_source(channel_.name());
    if (unfiltered != features.end()) features.erase(unfiltered);
    submission.requeued = true;
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
    const PassingChannel here = passing(envelope);
    policy::RecipientProbe probe = probe_for(here, file, recipient);
    probe.reprocessing = true;
    const auto decision = decide(here, probe);
    tell(decision);
    if (const auto disposition = refused(here, envelope, recipient, decision)) return *disposition;
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
        enqueue::SubmittedRecipient submitted = submitted_recipient(recipient, destination);
        if (loops(destination)) {
            submitted.destination.settled = loop;
            submitted.destination.channel = report_channel();
        }
        submission.recipients.push_back(std::move(submitted));
    }
    return passed_on();
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

Result<void> Requeuer::enqueue_content(
    const Content& content, enqueue::Submission submission, const queue::Envelope& envelope
) {
    const PassingChannel here = passing(envelope);
    // Notifications of our own, which come by the process channel, stay as they were written.
    auto work = starts_with_ignoring_case(channel_.name(), "process")
                    ? nullptr
                    : header_work_for(here, envelope);
    auto prepared = prepare(
        here, std::move(submission), std::move(work),
        [&](const auto& append) -> Result<void> {
            while (true) {
                const auto octets = content();
                if (!octets) return octets.error();
                if (octets->empty()) return {};
                if (auto appended = append(*octets); !appended) return appended;
            }
        }
    );
    if (!prepared) return std::move(prepared).error();
    kill_point("requeue.prepared");
    auto enqueued = std::move(*prepared).commit(runtime_.site());
    kill_point("requeue.enqueued");
    return enqueued;
}

}  // namespace sluice::dequeue
