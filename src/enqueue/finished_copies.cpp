#include "enqueue/logged_headers.h"
#include "enqueue/message_builder_state.h"

// What becomes of the copies once the content is complete: other channels, pieces, announcements.
namespace sluice::enqueue {

namespace {

jobs::Priority job_priority(message::Priority priority) {
    switch (priority) {
        case message::Priority::urgent:
            return jobs::Priority::urgent;
        case message::Priority::normal:
            return jobs::Priority::normal;
        case message::Priority::nonurgent:
            return jobs::Priority::nonurgent;
        case message::Priority::second_class:
            return jobs::Priority::second;
        case message::Priority::third_class:
            return jobs::Priority::third;
    }
    return jobs::Priority::normal;
}

}  // namespace

// Large messages may have a channel of their own, which is known only now.
Result<void> MessageBuilder::State::divert(std::vector<queue::FinishedFile>& files) {
    const MessageMeasure measure{size, line_count, limits.block_size};
    const auto instead = alternate_channels(copies, measure, channels);
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (instead[i] == nullptr) continue;
        auto diverted =
            files[i].divert(instead[i]->name(), channel::subdirectory_count(*instead[i]));
        if (!diverted) return diverted;
        copies[i].channel = instead[i];
    }
    return {};
}

/// The copy itself, or its pieces where the channel takes smaller messages only.
Result<std::vector<queue::FinishedFile>> MessageBuilder::State::cut(
    const Copy& copy, queue::FinishedFile whole
) {
    std::vector<queue::FinishedFile> files;
    const PieceLimits piece = piece_limits(*copy.channel, limits.block_size, limits.header_shares);
    if (piece.any()) {
        queue::CopyOptions options;
        options.channel = copy.channel->name();
        options.subdirs = channel::subdirectory_count(*copy.channel);
        const std::string id = whole.location().name.unique + '@' + limits.local_host;
        auto pieces = cut_into_pieces(
            site.store, whole, piece, options,
            copy_envelope(copy, submission, header.facts(), envelope_id_of(copy), loop, now), id
        );
        if (!pieces) return std::move(pieces).error();
        if (*pieces) return std::move(**pieces);
    }
    files.push_back(std::move(whole));
    return files;
}

void MessageBuilder::State::describe(
    const Copy& copy, const queue::FinishedFile& file, PreparedMessage::Announcement& announcement
) const {
    const bool is_held = file.location().name.state() == queue::MessageState::held;
    const std::string hold_reason = is_held ? hold_reason_of(copy, loop) : std::string();
    add_enqueue_entries(
        submission, header.facts(), site.log, source_logs(), common_entry(),
        {copy.channel->name(), channel::has_logging(*copy.channel), copy.sender,
         envelope_id_of(copy), submission.enqueued.value_or(now), site.store.clock().wall_now(),
         file.location().path(site.store.root()), file.content_size(), copy.filter_text,
         hold_reason, copy.recipients},
        announcement.events
    );
    if (file.location().name.state() != queue::MessageState::eligible)
        return;  // held: nobody shall try it
    jobs::NewMessage message;
    message.channel = copy.channel->name();
    message.file = file.location().sub_directory + '/' + file.location().name.to_string();
    message.host = submission.recipients[copy.recipients.front()].destination.host;
    message.priority = job_priority(header.facts().priority);
    message.size = file.file_size();
    message.recipients = static_cast<std::uint32_t>(copy.recipients.size());
    message.enqueued = submission.enqueued.value_or(now);
    announcement.messages.push_back(std::move(message));
}

// Nothing is written for what a site without the bitbucket channel throws away; the log tells of it
// as it does elsewhere.
void MessageBuilder::State::describe_discarded(PreparedMessage::Announcement& announcement) const {
    if (discarded.empty()) return;
    add_enqueue_entries(
        submission, header.facts(), site.log, source_logs(), common_entry(),
        {std::string(policy::bitbucket_channel),
         false,
         submission.sender,
         submission.envelope_id,
         submission.enqueued.value_or(now),
         site.store.clock().wall_now(),
         {},
         size + trace_size,
         {},
         {},
         discarded},
        announcement.events
    );
}

void MessageBuilder::State::note_logged_headers() {
    if (!limits.logged_headers) return;
    const channel::Channel* source = channels.find(submission.source_channel);
    if (!header_logging(source, limits.log_header).at_enqueue) return;
    logged_headers = logged_header_lines(header.fields(), *limits.logged_headers);
}

bool MessageBuilder::State::source_logs() const {
    const channel::Channel* source = channels.find(submission.source_channel);
    return source != nullptr && channel::has_logging(*source);
}

log::Event MessageBuilder::State::common_entry() const {
    log::Event event;
    event.time = now;
    event.node = site.node;
    return event;
}

}  // namespace sluice::enqueue
