#include "dequeue/message_event.h"

#include "access/connection_record.h"
#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "enqueue/event_sinks.h"
#include "log/process_field.h"
#include "message/header_scanner.h"

namespace sluice::dequeue {

namespace {

/// As message::Priority numbers them.
int priority_of(const queue::Envelope& envelope) {
    const auto as_number = [](message::Priority priority) { return static_cast<int>(priority); };
    if (envelope.priority == "urgent") return as_number(message::Priority::urgent);
    if (envelope.priority == "nonurgent") return as_number(message::Priority::nonurgent);
    if (envelope.priority == "second") return as_number(message::Priority::second_class);
    if (envelope.priority == "third") return as_number(message::Priority::third_class);
    return as_number(message::Priority::normal);
}

int sensitivity_of(const queue::Envelope& envelope) {
    for (const std::string& feature : envelope.features) {
        const std::size_t size = queue::feature_sensitivity.size();
        if (!feature.starts_with(queue::feature_sensitivity) || feature.size() <= size) continue;
        const auto number = parse_unsigned(std::string_view(feature).substr(size + 1));
        if (feature[size] == '=' && number && *number <= 3) return static_cast<int>(*number);
    }
    return 0;
}

const channel::Channel* find_channel(const enqueue::Runtime& runtime, std::string_view name) {
    return runtime.configuration().imta.channels.find(name);
}

/// Who brought the message, as far as its queue file says.
log::SourceSystem origin_of(const queue::Envelope& envelope) {
    log::SourceSystem origin;
    if (!envelope.transport) return origin;
    const auto session = access::parse_connection_record(*envelope.transport);
    if (!session) return origin;
    origin.name = session->app.helo;
    if (session->port) origin.address = session->port->client.address;
    return origin;
}

}  // namespace

bool is_channel_logged(const enqueue::Runtime& runtime, std::string_view channel) {
    const channel::Channel* found = find_channel(runtime, channel);
    return found == nullptr || channel::has_logging(*found);
}

log::Event event_about(
    enqueue::Runtime& runtime,
    const queue::MessageFile& file,
    const queue::MessageLocation& location,
    WallTime now
) {
    const queue::Envelope& envelope = file.envelope();
    log::Event event;
    event.logged = is_channel_logged(runtime, location.channel);
    event.time = now;
    event.node = runtime.site().node;
    event.process = log::this_thread_process_field().next_operation();
    event.source_channel = location.channel;
    event.bytes = file.content_size();
    event.sender = envelope.sender;
    event.file_name = location.path(runtime.store().root());
    event.envelope_id = envelope.envelope_id;
    event.enqueued = envelope.enqueued;
    event.urgency = envelope.priority;
    event.content_8bit = envelope.has_feature("8BITMIME");
    event.origin_channel = envelope.source_channel;
    if (runtime.log().has_readers(false)) event.origin = origin_of(envelope);
    if (const channel::Channel* channel = find_channel(runtime, location.channel))
        event.delivery_class = enqueue::delivery_class(*channel);
    event.message_id = envelope.message_id.value_or("");
    event.username = envelope.owner;
    event.priority = priority_of(envelope);
    event.sensitivity = sensitivity_of(envelope);
    event.attempt = location.name.attempts;
    event.queue_time = std::chrono::duration_cast<std::chrono::seconds>(now - envelope.enqueued);
    return event;
}

void set_recipient(log::Event& event, const queue::Recipient& recipient) {
    event.original_recipient_type = recipient.orcpt_type.value_or("rfc822");
    event.original_recipient = recipient.orcpt.value_or("");
    event.recipient = recipient.address;
    event.intermediate_recipient = recipient.intermediate.value_or("");
    event.notary_flags = recipient.notify_flags();
}

}  // namespace sluice::dequeue
