#include "dequeue/attempt_log.h"

#include <algorithm>

#include "dequeue/message_event.h"
#include "dequeue/message_header.h"
#include "enqueue/enqueue_entries.h"
#include "enqueue/logged_headers.h"
#include "log/process_field.h"

namespace sluice::dequeue {

namespace {

log::EventKind event_kind(Fate fate, bool told) {
    switch (fate) {
        case Fate::delivered:
            return log::EventKind::dequeued;
        case Fate::given_up:
            return told ? log::EventKind::returned : log::EventKind::discarded;
        case Fate::stays:
            return log::EventKind::deferred;
        case Fate::stays_alone:
            return log::EventKind::requeued;
    }
    return log::EventKind::deferred;
}

/// "5.4.7 delivery time expired", "5.1.1 refused by mx.example.net", "5.1.2 text".
std::string reason_of(const RecipientOutcome& outcome, const Disposition& disposition) {
    std::string text = disposition.notice_text;
    if (text.empty()) text = disposition.diagnostic;
    if (!disposition.remote_host.empty()) text = "refused by " + disposition.remote_host;
    if (outcome.notice == Notice::timed_out) text = "delivery time expired";
    return outcome.status.to_string() + ' ' + text;
}

void set_disposition(log::Event& event, const Disposition& disposition) {
    event.remote_host = disposition.remote_host;
    event.remote_text = disposition.reply;
    event.transport = disposition.transport;
    event.application = disposition.application;
    event.modifiers = disposition.modifiers;
}

std::vector<log::Event> events_about(
    enqueue::Runtime& runtime, const Attempt& attempt, bool with_attempts
) {
    log::Event event = event_about(runtime, attempt.file, attempt.location, attempt.now);
    event.delivery_time = attempt.delivery_time;
    std::vector<log::Event> events;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        const RecipientOutcome& outcome = attempt.settlement.recipients[i];
        const Disposition& disposition = attempt.dispositions[i];
        set_recipient(event, attempt.recipients[i]);
        set_disposition(event, disposition);
        if (!attempt.delivery_numbers.empty()) event.delivery_number = attempt.delivery_numbers[i];
        if (!disposition.delivered_to.empty()) event.recipient = disposition.delivered_to;
        event.diagnostic = outcome.diagnostic;
        event.status = outcome.status;
        if (outcome.fate == Fate::given_up) event.reason = reason_of(outcome, disposition);
        if (attempt.warned[i]) {
            event.kind = log::EventKind::warned;
            events.push_back(event);
        }
        if (!with_attempts && stays(outcome.fate)) continue;
        event.kind = event_kind(outcome.fate, attempt.told[i]);
        events.push_back(event);
    }
    return events;
}

}  // namespace

std::vector<log::Event> events_of(enqueue::Runtime& runtime, const Attempt& attempt) {
    return events_about(runtime, attempt, true);
}

std::vector<log::Event> events_of_ageing(enqueue::Runtime& runtime, const Attempt& attempt) {
    return events_about(runtime, attempt, false);
}

void add_header_entries(
    enqueue::Runtime& runtime, Attempt& attempt, std::vector<log::Event>& events
) {
    const bool delivered = std::any_of(events.begin(), events.end(), [](const log::Event& event) {
        return event.kind == log::EventKind::dequeued;
    });
    if (!delivered) return;
    const enqueue::MessageLimits& limits = runtime.limits();
    const std::string header =
        header_of(attempt.file, static_cast<std::size_t>(limits.header_bytes));
    enqueue::add_header_entries(
        enqueue::logged_header_lines(header, *limits.logged_headers), events
    );
}

std::vector<log::Event> events_of_replacement(
    enqueue::Runtime& runtime, const Attempt& attempt, const queue::MessageLocation& location
) {
    const queue::Envelope& envelope = attempt.file.envelope();
    log::Event event;
    event.kind = log::EventKind::enqueued;
    event.logged = is_channel_logged(runtime, location.channel);
    event.time = runtime.store().clock().wall_now();
    event.node = runtime.site().node;
    event.process = log::this_thread_process_field().next_operation();
    event.source_channel = location.channel;
    event.destination_channel = location.channel;
    event.bytes = attempt.file.content_size();
    event.sender = envelope.sender;
    event.file_name = location.path(runtime.store().root());
    event.envelope_id = envelope.envelope_id;
    event.enqueued = envelope.enqueued;
    event.goes_on = true;
    event.replaces_file = true;
    event.message_id = envelope.message_id.value_or("");
    event.username = envelope.owner;
    const channel::Channel* channel = runtime.configuration().imta.channels.find(location.channel);
    if (channel != nullptr && channel->name() != channel::local_channel_name)
        event.source.name = channel->official_host();
    std::vector<log::Event> events;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (!attempt.goes_on(i)) continue;
        set_recipient(event, attempt.recipients[i]);
        events.push_back(event);
    }
    return events;
}

std::vector<log::Event> events_of_start(enqueue::Runtime& runtime, const Attempt& attempt) {
    log::Event event =
        event_about(runtime, attempt.file, attempt.location, runtime.store().clock().wall_now());
    event.kind = log::EventKind::delivery_started;
    std::vector<log::Event> events;
    for (std::size_t i = 0; i < attempt.recipients.size(); ++i) {
        set_recipient(event, attempt.recipients[i]);
        event.delivery_number = attempt.delivery_numbers[i];
        events.push_back(event);
    }
    return events;
}

log::Event event_of_end(
    enqueue::Runtime& runtime,
    const queue::MessageFile& file,
    const queue::MessageLocation& location
) {
    log::Event event = event_about(runtime, file, location, runtime.store().clock().wall_now());
    event.kind = log::EventKind::message_gone;
    event.recipient = "*";
    return event;
}

log::Event event_of_hold(
    enqueue::Runtime& runtime, const Attempt& attempt, const std::string& reason
) {
    log::Event event = event_about(runtime, attempt.file, attempt.location, attempt.now);
    event.kind = log::EventKind::held;
    event.recipient = "*";
    event.diagnostic = "held: " + reason;
    return event;
}

}  // namespace sluice::dequeue
