#include "dequeue/passing_on.h"

#include <utility>

#include "base/log.h"
#include "base/system_log.h"
#include "base/version.h"
#include "dequeue/reprocess_access.h"

namespace sluice::dequeue {

policy::RecipientProbe probe_for(
    const PassingChannel& passing, const queue::MessageFile& file, const queue::Recipient& recipient
) {
    const queue::Envelope& envelope = file.envelope();
    policy::RecipientProbe probe;
    probe.source = &passing.source;
    probe.sender = envelope.sender;
    probe.address = recipient.address;
    if (recipient.orcpt)
        probe.orcpt = recipient.orcpt_type.value_or("rfc822") + ';' + *recipient.orcpt;
    add_access_facts(passing.channel, envelope, recipient, probe);
    probe.onward = recipient.onward;
    probe.message_size = file.content_size();
    return probe;
}

policy::RecipientDecision decide(
    const PassingChannel& passing, const policy::RecipientProbe& probe
) {
    lookup::BlockingAnswers answers(passing.runtime.sources());
    return policy::decide_recipient(passing.runtime.configuration(), probe, answers);
}

void tell(const policy::RecipientDecision& decision) {
    for (const std::string& text : decision.access.syslog) system_log().notice(text);
    for (const std::string& warning : decision.access.warnings) diag::warning(warning);
    for (const std::string& warning : decision.warnings) diag::warning(warning);
}

std::optional<Disposition> refused(
    const PassingChannel& passing,
    const queue::Envelope& envelope,
    const queue::Recipient& recipient,
    const policy::RecipientDecision& decision
) {
    if (!decision.refusal) return std::nullopt;
    const policy::Refusal& refusal = *decision.refusal;
    if (decision.access.refused())
        log_refusal(passing.runtime, passing.channel, envelope, recipient, decision);
    return refusal.is_permanent() ? Disposition::failed(refusal.status, refusal.text)
                                  : Disposition::deferred(refusal.status, refusal.text);
}

Disposition passed_on() {
    Disposition disposition = Disposition::delivered();
    disposition.peer_reports = true;
    return disposition;
}

enqueue::SubmittedRecipient submitted_recipient(
    const queue::Recipient& recipient, const policy::Destination& destination
) {
    enqueue::SubmittedRecipient submitted;
    submitted.destination = destination;
    submitted.original = recipient.orcpt.value_or("");
    submitted.original_type = recipient.orcpt_type.value_or("rfc822");
    submitted.notify = recipient.notify_flags();
    return submitted;
}

enqueue::Submission submission_for(const PassingChannel& passing, const queue::Envelope& envelope) {
    const std::string local_host(passing.runtime.configuration().local_host());
    enqueue::Submission submission;
    submission.source_channel = passing.source.name();
    submission.source_host = passing.source.official_host();
    submission.sender = envelope.sender;
    submission.enqueued = envelope.enqueued;
    submission.owner = envelope.owner;
    submission.envelope_id = envelope.envelope_id;
    submission.ret = envelope.ret;
    submission.features = envelope.features;
    submission.conversion_tags = envelope.conversion_tags;
    submission.transport = envelope.transport;
    // Content comes with CRLF, however it was stored.
    if (envelope.encoding != queue::ContentEncoding::lf) submission.encoding = envelope.encoding;
    submission.log_template.username = envelope.owner;
    submission.log_template.source.name = passing.source.official_host();
    message::ReceivedLine received;
    received.helo = passing.channel.official_host();
    received.by = local_host;
    received.version = product_version;
    submission.received = received;
    return submission;
}

void apply(const access::MessageEffects& effects, enqueue::Submission& submission) {
    submission.header_edits = effects.header_edits;
    if (!effects.discard_all) return;
    for (enqueue::SubmittedRecipient& recipient : submission.recipients) {
        if (!recipient.destination.settled)
            recipient.destination.channel = policy::bitbucket_channel;
    }
}

std::unique_ptr<enqueue::HeaderWork> header_work_for(
    const PassingChannel& passing, const queue::Envelope& envelope
) {
    auto work = std::make_unique<enqueue::HeaderWork>();
    work->configuration = passing.runtime.snapshot();
    work->source = &passing.source;
    work->answers = std::make_unique<lookup::Gathering>(passing.runtime.sources());
    work->sender = envelope.sender;
    return work;
}

Result<enqueue::PreparedMessage> prepare(
    const PassingChannel& passing,
    enqueue::Submission submission,
    std::unique_ptr<enqueue::HeaderWork> work,
    const WriteContent& write
) {
    const config::Configuration& configuration = passing.runtime.configuration();
    const auto options = enqueue::log_options_of(configuration, submission.source_channel);
    enqueue::MessageBuilder builder(
        passing.runtime.site(), configuration.imta.channels, passing.runtime.limits(),
        std::move(submission), options, std::move(work)
    );
    auto written = write([&](std::string_view octets) { return builder.append(octets); });
    if (!written) return std::move(written).error();
    return builder.finish();
}

}  // namespace sluice::dequeue
