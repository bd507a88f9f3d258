// The part of MessageActs that gives messages other addresses.
#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "dequeue/message_event.h"
#include "log/process_field.h"
#include "queue/commit_group.h"
#include "queue/message_writer.h"
#include "utility/qm_acts.h"

namespace sluice::utility {

using log::EventKind;

namespace {

constexpr std::string_view routing_channel = "reprocess";
constexpr std::size_t copy_chunk = 256UL << 10U;

Result<void> copy_content(queue::MessageFile& from, queue::MessageWriter& to) {
    std::string chunk(std::min<std::uint64_t>(from.content_size(), copy_chunk), '\0');
    for (std::uint64_t offset = 0; offset < from.content_size();) {
        const auto count = from.read_content(offset, chunk.data(), chunk.size());
        if (!count) return count.error();
        if (auto added = to.append(std::string_view(chunk).substr(0, *count)); !added) return added;
        offset += *count;
    }
    return {};
}

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
    queue::HistoryRecord record;
    record.when = runtime_.store().clock().wall_now();
    record.channel = "qm";
    record.code = queue::HistoryCode::readdressed;
    record.process = actor().process;
    record.recipient = recipient.address;
    record.text = "from " + recipient.orcpt.value_or("") + " by " + user_;
    queue::CopyOptions copy;
    copy.channel = channel;
    copy.subdirs = subdirectories(channel);
    copy.history = queue::format_history(record);
    auto writer = queue::MessageWriter::create(runtime_.store(), copy, envelope);
    if (!writer) return std::move(writer).error();
    if (auto copied = copy_content(message.file, *writer); !copied)
        return std::move(copied).error();
    auto finished = writer->finish();
    if (!finished) return std::move(finished).error();
    const queue::MessageLocation location = finished->location();
    std::vector<queue::FinishedFile> files;
    files.push_back(std::move(*finished));
    if (auto committed = queue::commit_now(runtime_.store(), std::move(files)); !committed)
        return std::move(committed).error();
    write_log(
        channel,
        enqueue_events(location, envelope, message.file.content_size(), message.before.channel)
    );
    announce_location(location);
    return location;
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
    queue::HistoryRecord record;
    record.when = runtime_.store().clock().wall_now();
    record.channel = "qm";
    record.code = queue::HistoryCode::readdressed;
    record.attempt = message.before.name.attempts;
    record.process = actor().process;
    record.text = "sender was <" + message.file.envelope().sender + ">, changed by " + user_;
    message.file.append_history(record);
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
