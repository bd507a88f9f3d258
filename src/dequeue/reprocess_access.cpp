#include "dequeue/reprocess_access.h"

#include <span>

#include "access/connection_record.h"
#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "log/process_field.h"

namespace sluice::dequeue {

void add_access_facts(
    const channel::Channel& channel,
    const queue::Envelope& envelope,
    const queue::Recipient& recipient,
    policy::RecipientProbe& probe
) {
    // Notices that we make ourselves are not probed: nobody connected to bring them.
    probe.skip_access_tables = envelope.sender.empty() && !envelope.transport;
    probe.access_source = channel.name();
    probe.conversion_tags = envelope.conversion_tags;
    const unsigned notify = recipient.notify_flags();
    probe.notify_success = (notify & queue::notify_success) != 0;
    probe.notify_delay = (notify & queue::notify_delay) != 0;
    probe.notify_failure = (notify & queue::notify_failure) != 0;
    if (!envelope.transport || !starts_with_ignoring_case(channel.name(), "reprocess")) return;
    if (auto session = access::parse_connection_record(*envelope.transport))
        probe.session = std::move(*session);
}

void log_refusal(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    const queue::Envelope& envelope,
    const queue::Recipient& recipient,
    const policy::RecipientDecision& decision
) {
    const bool logged = channel::has_logging(channel);
    const auto options = enqueue::log_options_of(runtime.configuration(), channel.name());
    if (!runtime.log().wants(log::EventKind::enqueue_refused, logged, options)) return;
    log::Event event;
    event.logged = logged;
    event.kind = log::EventKind::enqueue_refused;
    event.time = runtime.store().clock().wall_now();
    event.node = runtime.site().node;
    event.process = log::this_thread_process_field().next_operation();
    event.source_channel = channel.name();
    event.sender = envelope.sender;
    event.original_recipient_type = recipient.orcpt_type.value_or("rfc822");
    event.original_recipient = recipient.orcpt.value_or("");
    event.recipient = decision.rewritten.empty() ? recipient.address : decision.rewritten;
    event.username = envelope.owner;
    event.diagnostic = decision.refusal->to_string();
    runtime.log().write(std::span(&event, 1), options);
}

}  // namespace sluice::dequeue
