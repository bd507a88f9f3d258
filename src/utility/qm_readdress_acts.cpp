// The part of MessageActs that gives messages other addresses.
#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "dequeue/message_event.h"
#include "log/process_field.h"
#include "queue/message_copy.h"
#include "utility/qm_acts.h"

namespace sluice::utility {

using log::EventKind;

namespace {

constexpr std::string_view routing_channel = "reprocess";

std::optional<std::string> hold_reason_of(queue::MessageFile& file) {
    if (file.location().name.state() != queue::MessageState::held) return std::nullopt;
    return file.hold_reason().value_or("operator");
}

queue::Recipient with_address(queue::Recipient recipient, const std::string& address) {
    if (!recipient.orcpt) {
        recipient.orcpt_type = "rfc822";
        recipient.orcpt = recipient.address;
    }
    recipient.address = address;
    recipient.intermediate.reset();
    // Where it goes is decided anew.
    recipient.host.reset();
    recipient.settled.reset();
    recipient.onward.reset();
    return recipient;
}

}  // namespace

Result<queue::MessageLocation> MessageActs::readdress(
    OwnedMessage& message, std::size_t recipient, const std::string& address
) {
    const queue::Recipient before = message.file.envelope().recipients.at(recipient);
    if (auto verified = message.file.verify_content(); !verified)
        return std::move(verified).error();
    auto moved = move_recipient(message, with_address(before, address));
    if (!moved) return moved;
    log::Event event = dequeue::event_about(
        runtime_, message.file, message.before, runtime_.store().clock().wall_now()
    );
    event.kind = EventKind::dequeued;
    event.diagnostic = "readdressed to " + address + " by " + user_;
    dequeue::set_recipient(event, before);
    std::vector<log::Event> events{event};
    // The others go on in a file of their own.
    const auto unfinished = message.file.unfinished();
    if (!unfinished) return unfinished.error();
    event.kind = EventKind::requeued;
    for (const std::size_t i : *unfinished) {
        if (i == recipient) continue;
        dequeue::set_recipient(event, message.file.envelope().recipients[i]);
        events.push_back(event);
    }
    write_log(message.before.channel, events);
    if (auto dropped = drop_recipient(message, recipient); !dropped)
        return std::move(dropped).error();
    return moved;
}

// Durable before the recipient leaves its old file: a crash in between costs a duplicate.
Result<queue::MessageLocation> MessageActs::move_recipient(
    OwnedMessage& message, const queue::Recipient& recipient
) {
    const std::string channel(routing_channel);
    if (runtime_.configuration().imta.channels.find(channel) == nullptr)
        return Error::permanent({5, 3, 5}, "there is no channel " + channel + " to route it");
    queue::Envelope envelope = message.file.envelope();
    envelope.hold_reason = hold_reason_of(message.file);
    envelope.ancestor = message.before.name.unique;
    envelope.recipients = {recipient};
    queue::HistoryRecord record = history_line(
        queue::HistoryCode::readdressed, 0, "from " + recipient.orcpt.value_or("") + " by " + user_
    );
    record.recipient = recipient.address;
    queue::CopyOptions copy;
    copy.channel = channel;
    copy.subdirs = subdirectories(channel);
    copy.history = queue::format_history(record);
    const auto location =
        queue::write_copy(runtime_.store(), copy, envelope, [&](queue::MessageWriter& writer) {
            return queue::append_content(message.file, writer);
        });
    if (!location) return location;
    write_log(
        channel,
        enqueue_events(*location, envelope, message.file.content_size(), message.before.channel)
    );
    announce_location(*location);
    return location;
}

queue::HistoryRecord MessageActs::history_line(
    queue::HistoryCode code, unsigned attempt, std::string text
) const {
    queue::HistoryRecord record;
    record.when = runtime_.store().clock().wall_now();
    record.channel = actor().channel;
    record.code = code;
    record.attempt = attempt;
    record.process = actor().process;
    record.text = std::move(text);
    return record;
}

Result<void> MessageActs::drop_recipient(OwnedMessage& message, std::size_t recipient) {
    const auto unfinished = message.file.unfinished();
    if (!unfinished) return unfinished.error();
    queue::Envelope rest = message.file.envelope();
    rest.hold_reason = hold_reason_of(message.file);
    rest.recipients.clear();
    for (const std::size_t i : *unfinished) {
        if (i != recipient) rest.recipients.push_back(message.file.envelope().recipients[i]);
    }
    if (rest.recipients.empty()) {
        if (auto removed = message.file.remove(); !removed) return removed;
        forget(message.before);
        return {};
    }
    const std::uint64_t bytes = message.file.content_size();
    auto replaced = message.file.replace(
        rest, message.before.name.attempts, subdirectories(message.before.channel)
    );
    if (!replaced) return std::move(replaced).error();
    forget(message.before);
    write_log(
        message.before.channel, enqueue_events(*replaced, rest, bytes, message.before.channel)
    );
    announce_location(*replaced);
    return {};
}

Result<queue::MessageLocation> MessageActs::change_sender(
    OwnedMessage& message, const std::string& sender
) {
    const auto unfinished = message.file.unfinished();
    if (!unfinished) return unfinished.error();
    message.file.append_history(history_line(
        queue::HistoryCode::readdressed, message.before.name.attempts,
        "sender was <" + message.file.envelope().sender + ">, changed by " + user_
    ));
    queue::Envelope envelope = message.file.envelope();
    envelope.hold_reason = hold_reason_of(message.file);
    envelope.sender = sender;
    envelope.recipients.clear();
    for (const std::size_t i : *unfinished)
        envelope.recipients.push_back(message.file.envelope().recipients[i]);
    auto events = events_about(
        message, EventKind::requeued, {}, "sender changed to <" + sender + "> by " + user_, {}
    );
    if (!events) return std::move(events).error();
    const std::uint64_t bytes = message.file.content_size();
    auto replaced = message.file.replace(
        envelope, message.before.name.attempts, subdirectories(message.before.channel)
    );
    if (!replaced) return replaced;
    write_log(message.before.channel, *events);
    write_log(
        message.before.channel, enqueue_events(*replaced, envelope, bytes, message.before.channel)
    );
    forget(message.before);
    announce_location(*replaced);
    return replaced;
}

std::vector<log::Event> MessageActs::enqueue_events(
    const queue::MessageLocation& location,
    const queue::Envelope& envelope,
    std::uint64_t bytes,
    const std::string& source_channel
) const {
    log::Event event;
    event.kind = EventKind::enqueued;
    event.logged = dequeue::is_channel_logged(runtime_, source_channel) ||
                   dequeue::is_channel_logged(runtime_, location.channel);
    event.time = runtime_.store().clock().wall_now();
    event.node = runtime_.site().node;
    event.process = log::this_thread_process_field().next_operation();
    event.source_channel = source_channel;
    event.destination_channel = location.channel;
    event.bytes = bytes;
    event.sender = envelope.sender;
    event.file_name = location.path(runtime_.store().root());
    event.envelope_id = envelope.envelope_id;
    event.message_id = envelope.message_id.value_or("");
    event.username = envelope.owner;
    std::vector<log::Event> events;
    for (const queue::Recipient& recipient : envelope.recipients) {
        dequeue::set_recipient(event, recipient);
        events.push_back(event);
    }
    return events;
}

/// Held ones wait for their release.
void MessageActs::announce_location(const queue::MessageLocation& location) {
    if (location.name.state() != queue::MessageState::eligible) return;
    auto file = queue::MessageFile::open(runtime_.store(), location, queue::Access::read);
    if (file) announce(*file, location, false);
}

}  // namespace sluice::utility
