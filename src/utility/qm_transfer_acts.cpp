// The parts of MessageActs that write whole messages anew: import, release without trace fields.
#include <algorithm>

#include "queue/message_copy.h"
#include "utility/qm_acts.h"
#include "utility/trace_fields.h"

namespace sluice::utility {

using log::EventKind;

namespace {

/// Of the header; what loops is small.
constexpr std::uint64_t header_ceiling = 1UL << 20U;

Result<std::string> whole_header(queue::MessageFile& file) {
    std::string text(std::min(file.content_size(), header_ceiling), '\0');
    const auto count = file.read_content(0, text.data(), text.size());
    if (!count) return count.error();
    text.resize(*count);
    const bool is_complete = text.find("\n\n") != std::string::npos ||
                             text.find("\n\r\n") != std::string::npos ||
                             text.size() == file.content_size();
    if (!is_complete) return Error::permanent({5, 3, 4}, "the header is too long to be changed");
    return text;
}

}  // namespace

Result<queue::MessageLocation> MessageActs::import_message(
    const queue::ExportedMessage& message, const std::string& channel, bool hold
) {
    queue::Envelope envelope = message.envelope();
    envelope.ancestor = message.unique();
    envelope.hold_reason.reset();
    if (hold) envelope.hold_reason = "operator " + user_ + ": imported";
    auto location =
        message.import_into(runtime_.store(), channel, subdirectories(channel), envelope);
    if (!location) return location;
    write_log(
        channel,
        enqueue_events(*location, envelope, message.content_size(), envelope.source_channel)
    );
    announce_location(*location);
    return location;
}

// The message without them is durable before the one with them goes.
Result<std::size_t> MessageActs::release_stripped(
    OwnedMessage& message, std::size_t kept, const std::string& reason
) {
    if (auto verified = message.file.verify_content(); !verified)
        return std::move(verified).error();
    const auto front = whole_header(message.file);
    if (!front) return front.error();
    const StrippedHeader stripped = strip_trace_fields(*front, kept);
    const auto unfinished = message.file.unfinished();
    if (!unfinished) return unfinished.error();
    const auto history = message.file.history();
    if (!history) return history.error();
    queue::Envelope envelope = message.file.envelope();
    envelope.ancestor = message.before.name.unique;
    envelope.hold_reason.reset();
    envelope.recipients.clear();
    for (const std::size_t i : *unfinished)
        envelope.recipients.push_back(message.file.envelope().recipients[i]);
    const std::string why = "operator " + by_operator(reason) + "; removed " +
                            std::to_string(stripped.removed) + " trace fields";
    queue::CopyOptions copy;
    copy.channel = message.before.channel;
    copy.subdirs = subdirectories(copy.channel);
    copy.attempts = message.before.name.attempts;
    for (const queue::HistoryRecord& record : *history) {
        if (record.code != queue::HistoryCode::done) copy.history += format_history(record);
    }
    copy.history += format_history(history_line(queue::HistoryCode::released, copy.attempts, why));
    auto location = queue::write_copy(
        runtime_.store(), copy, envelope,
        [&](queue::MessageWriter& writer) -> Result<void> {
            if (auto added = writer.append(stripped.header); !added) return added;
            return queue::append_content(message.file, writer, front->size());
        }
    );
    if (!location) return std::move(location).error();
    auto events = events_about(message, EventKind::held, {}, "released: " + why, reason);
    if (!events) return std::move(events).error();
    for (log::Event& event : *events) event.cause = log::Cause::released;
    const auto requeued = events_about(message, EventKind::requeued, {}, why, {});
    if (!requeued) return requeued.error();
    if (auto removed = message.file.remove(); !removed) return std::move(removed).error();
    const std::string& channel = message.before.channel;
    const std::uint64_t size = message.file.content_size() - front->size() + stripped.header.size();
    write_log(channel, *events);
    write_log(channel, *requeued);
    write_log(channel, enqueue_events(*location, envelope, size, channel));
    auto file = queue::MessageFile::open(runtime_.store(), *location, queue::Access::read);
    if (file) announce(*file, *location, true);
    return stripped.removed;
}

}  // namespace sluice::utility
