#include "dequeue/message_event.h"

#include "channel/channel_settings.h"
#include "log/process_field.h"

namespace sluice::dequeue {

bool is_channel_logged(const enqueue::Runtime& runtime, std::string_view channel) {
    const channel::Channel* found = runtime.configuration().imta.channels.find(channel);
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
    event.message_id = envelope.message_id.value_or("");
    event.username = envelope.owner;
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
