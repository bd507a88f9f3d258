#include "enqueue/message_builder.h"

#include <algorithm>
#include <exception>
#include <iterator>

#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "enqueue/alternate.h"
#include "enqueue/enqueue_entries.h"
#include "enqueue/header_collector.h"
#include "queue/message_writer.h"

namespace sluice::enqueue {

namespace {

std::string_view priority_word(message::Priority priority) {
    switch (priority) {
        case message::Priority::urgent:
            return "urgent";
        case message::Priority::normal:
            return "normal";
        case message::Priority::nonurgent:
            return "nonurgent";
        case message::Priority::second_class:
            return "second";
        case message::Priority::third_class:
            return "third";
    }
    return "normal";
}

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

// RFC 3461 section 5.2.7: a list begins a transmission of its own. What the poster asked for ends
// at the list, and reports about members name the members.
void begin_redistribution(SubmittedRecipient& recipient) {
    const policy::Destination& destination = recipient.destination;
    if (!destination.is_list_copy) return;
    recipient.original =
        destination.intermediate.empty() ? destination.address : destination.intermediate;
    recipient.original_type = "rfc822";
    recipient.notify = queue::notify_explicit | queue::notify_failure |
                       (destination.list_reports_delay ? queue::notify_delay : 0U);
}

std::uint64_t count_lines(std::string_view bytes) {
    return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

queue::Recipient queue_recipient(const SubmittedRecipient& submitted) {
    queue::Recipient recipient;
    recipient.address = submitted.destination.address;
    if (!submitted.original.empty()) {
        recipient.orcpt_type = submitted.original_type;
        recipient.orcpt = submitted.original;
    }
    if (!submitted.destination.intermediate.empty())
        recipient.intermediate = submitted.destination.intermediate;
    recipient.notify = submitted.notify;
    if (!submitted.destination.host.empty()) recipient.host = submitted.destination.host;
    recipient.settled = submitted.destination.settled;
    recipient.onward = submitted.destination.onward;
    return recipient;
}

/// Octets. What the site says counts for all channels.
std::uint64_t header_limit(
    const channel::ChannelTable& channels, const MessageLimits& limits, const Submission& submission
) {
    const channel::Channel* source = channels.find(submission.source_channel);
    if (limits.one_header_limit || source == nullptr) return limits.header_bytes;
    const auto blocks = source->limit(channel::Keyword::headerlimit);
    if (!blocks || *blocks <= 0) return limits.header_bytes;
    return static_cast<std::uint64_t>(*blocks) * limits.block_size;
}

}  // namespace

struct MessageBuilder::State {
    Site& site;
    const channel::ChannelTable& channels;
    MessageLimits limits;
    Submission submission;
    log::LogOptions log_options;
    HeaderCollector header;  ///< what came before the copies were opened
    std::unique_ptr<HeaderWork> header_work;
    std::string own_envelope_id;
    bool opened = false;  ///< the header is complete, and `copies` and `discarded` with it
    bool ended = false;
    bool waits = false;  ///< opened, but for an answer; `header` is not written yet
    std::string unique;
    std::optional<CopyHeaders> headers;  ///< refers to `header`
    std::vector<Copy> copies;
    std::vector<queue::MessageWriter> writers;
    std::vector<std::size_t> discarded;  ///< recipients for the bitbucket of a site that has none
    std::uint64_t trace_size = 0;
    std::optional<Error> failure;
    std::uint64_t size = 0;
    bool wants_lines = false;
    std::uint64_t line_count = 0;
    WallTime now{};

    State(
        Site& site_,
        const channel::ChannelTable& channels_,
        const MessageLimits& limits_,
        Submission submission_,
        const log::LogOptions& log_options_,
        std::unique_ptr<HeaderWork> header_work_
    )
        : site(site_),
          channels(channels_),
          limits(limits_),
          submission(std::move(submission_)),
          log_options(log_options_),
          header(limits_.local_names, header_limit(channels_, limits_, submission)),
          header_work(std::move(header_work_)) {
        for (SubmittedRecipient& recipient : submission.recipients) begin_redistribution(recipient);
    }

    Result<void> open_copies();
    Result<void> make_headers();
    Result<void> try_headers();
    Result<void> write_copies();
    void find_discarded();
    [[nodiscard]] Result<void> check_all_placed() const;
    [[nodiscard]] queue::Envelope envelope_of(const Copy& copy, const std::string& loop) const;
    [[nodiscard]] std::string trace_line(const std::string& id) const;
    Result<void> write_headers(const std::string& trace);
    [[nodiscard]] const std::string& envelope_id_of(const Copy& copy) const;
    Result<void> divert(std::vector<queue::FinishedFile>& files);
    Result<std::vector<queue::FinishedFile>> cut(const Copy& copy, queue::FinishedFile whole);
    Result<void> write(std::string_view bytes);
    void describe(
        const Copy& copy,
        const queue::FinishedFile& file,
        PreparedMessage::Announcement& announcement
    ) const;
    void describe_discarded(PreparedMessage::Announcement& announcement) const;
    [[nodiscard]] bool source_logs() const;
    [[nodiscard]] log::Event common_entry() const;
};

// The envelope of each copy needs what the header says; everything the sender sees as one message
// has one envelope id, one arrival time and one trace line.
Result<void> MessageBuilder::State::open_copies() {
    now = site.store.clock().wall_now();
    auto next = site.store.next_unique();
    if (!next) return std::move(next).error();
    unique = std::move(*next);
    own_envelope_id = unique + '@' + limits.local_host;
    if (submission.envelope_id.empty()) submission.envelope_id = own_envelope_id;
    opened = true;
    copies = split(submission.recipients, channels);
    find_discarded();
    if (auto placed = check_all_placed(); !placed) return placed;
    wants_lines = counts_lines(copies);
    if (wants_lines) line_count = count_lines(header.fields()) + count_lines(header.rest());
    headers.emplace(header.fields(), submission, std::move(header_work));
    return make_headers();
}

// Nothing is written before all is known: what must be waited for may be tried again.
Result<void> MessageBuilder::State::make_headers() {
    const auto made = try_headers();
    waits = headers->is_pending();
    if (waits) return {};
    return made ? write_copies() : made;
}

Result<void> MessageBuilder::State::try_headers() {
    if (auto prepared = headers->prepare(); !prepared) return prepared;
    for (Copy& copy : copies) {
        if (headers->is_pending()) return {};
        auto sender = headers->sender_for(*copy.channel, copy.shape->envelope_from);
        if (!sender) return std::move(sender).error();
        copy.sender = std::move(*sender);
        const auto fields = headers->header_for(*copy.channel, copy.shape->header_edits);
        if (!fields) return fields.error();
    }
    return {};
}

Result<void> MessageBuilder::State::write_copies() {
    const std::string loop = message::loop_reason(header.facts().trace, limits.trace);
    for (const Copy& copy : copies) {
        queue::CopyOptions options;
        options.channel = copy.channel->name();
        options.subdirs = channel::subdirectory_count(*copy.channel);
        auto writer = queue::MessageWriter::create(site.store, options, envelope_of(copy, loop));
        if (!writer) return std::move(writer).error();
        writers.push_back(std::move(*writer));
    }
    const std::string trace = trace_line(unique);
    trace_size = trace.size();
    auto written = write_headers(trace);
    if (written) written = write(header.rest());
    headers.reset();
    header.release();
    return written;
}

// The poster's ENVID means nothing to whoever gets the reports of a list.
const std::string& MessageBuilder::State::envelope_id_of(const Copy& copy) const {
    return copy.shape->is_list_copy ? own_envelope_id : submission.envelope_id;
}

Result<void> MessageBuilder::State::write_headers(const std::string& trace) {
    for (std::size_t i = 0; i < writers.size(); ++i) {
        const Copy& copy = copies[i];
        const auto fields = headers->header_for(*copy.channel, copy.shape->header_edits);
        if (!fields) return fields.error();
        const std::string in_front = trace + envelope_to_field(copy, submission);
        const auto trimmed = headers->trimmed_for(*copy.channel, in_front, *fields);
        auto written = writers[i].append(trimmed ? *trimmed : in_front);
        if (written && !trimmed) written = writers[i].append(*fields);
        if (!written) return written;
    }
    return {};
}

void MessageBuilder::State::find_discarded() {
    if (channels.find(policy::bitbucket_channel) != nullptr) return;
    for (std::size_t i = 0; i < submission.recipients.size(); ++i) {
        if (submission.recipients[i].destination.channel == policy::bitbucket_channel)
            discarded.push_back(i);
    }
}

// A recipient whose channel is gone must not vanish behind a success: notices to a channel named by
// notificationchannel come here without having been through the policy.
Result<void> MessageBuilder::State::check_all_placed() const {
    std::size_t placed = discarded.size();
    for (const Copy& copy : copies) placed += copy.recipients.size();
    if (placed == submission.recipients.size() && placed > 0) return {};
    return Error::temporary(
        {4, 3, 5}, "local configuration error",
        std::to_string(submission.recipients.size() - placed) + " of " +
            std::to_string(submission.recipients.size()) +
            " recipients are for channels that do not exist"
    );
}

queue::Envelope MessageBuilder::State::envelope_of(const Copy& copy, const std::string& loop)
    const {
    const message::HeaderFacts& facts = header.facts();
    queue::Envelope envelope;
    envelope.enqueued = submission.enqueued.value_or(now);
    envelope.owner = submission.owner;
    envelope.source_channel = submission.source_channel;
    envelope.source_host = submission.source_host;
    envelope.transport = submission.transport;
    envelope.envelope_id = envelope_id_of(copy);
    if (!facts.message_id.empty()) envelope.message_id = facts.message_id;
    envelope.features = submission.features;
    envelope.priority = priority_word(facts.priority);
    envelope.ret = submission.ret;
    envelope.encoding = submission.encoding;
    envelope.sender = copy.sender;
    if (!loop.empty()) {
        envelope.hold_reason = loop;
    } else if (!copy.shape->hold_reason.empty()) {
        envelope.hold_reason = copy.shape->hold_reason;
    }
    envelope.conversion_tags = submission.conversion_tags;
    for (const std::string& tag : copy.shape->conversion_tags)
        envelope.conversion_tags.push_back(tag);
    for (const std::size_t i : copy.recipients)
        envelope.recipients.push_back(queue_recipient(submission.recipients[i]));
    return envelope;
}

std::string MessageBuilder::State::trace_line(const std::string& id) const {
    std::string lines;
    if (submission.received) {
        message::ReceivedLine line = *submission.received;
        line.id = id;
        line.time = now;
        if (submission.received_for && submission.recipients.size() == 1 &&
            line.for_recipient.empty()) {
            line.for_recipient = submission.recipients.front().original;
        }
        lines = message::format_received(line, site.zone);
    }
    return lines + submission.extra_header;
}

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
        const std::string loop = message::loop_reason(header.facts().trace, limits.trace);
        queue::CopyOptions options;
        options.channel = copy.channel->name();
        options.subdirs = channel::subdirectory_count(*copy.channel);
        const std::string id = whole.location().name.unique + '@' + limits.local_host;
        auto pieces =
            cut_into_pieces(site.store, whole, piece, options, envelope_of(copy, loop), id);
        if (!pieces) return std::move(pieces).error();
        if (*pieces) return std::move(**pieces);
    }
    files.push_back(std::move(whole));
    return files;
}

Result<void> MessageBuilder::State::write(std::string_view bytes) {
    for (queue::MessageWriter& writer : writers) {
        if (auto written = writer.append(bytes); !written) return written;
    }
    return {};
}

MessageBuilder::MessageBuilder(
    Site& site,
    const channel::ChannelTable& channels,
    const MessageLimits& limits,
    Submission submission,
    const log::LogOptions& log_options,
    std::unique_ptr<HeaderWork> header_work
)
    : state_(std::make_unique<State>(
          site, channels, limits, std::move(submission), log_options, std::move(header_work)
      )) {}
MessageBuilder::~MessageBuilder() = default;
MessageBuilder::MessageBuilder(MessageBuilder&&) noexcept = default;
MessageBuilder& MessageBuilder::operator=(MessageBuilder&&) noexcept = default;

std::uint64_t MessageBuilder::size() const {
    return state_->size;
}

Result<void> MessageBuilder::append(std::string_view bytes) {
    State& state = *state_;
    get_answers();
    if (state.failure) return *state.failure;
    state.size += bytes.size();
    const auto result = [&]() -> Result<void> {
        if (state.wants_lines) state.line_count += count_lines(bytes);
        if (state.opened) return state.write(bytes);
        return state.header.feed(bytes) ? state.open_copies() : Result<void>();
    }();
    if (!result) state.failure = result.error();
    return result;
}

void MessageBuilder::end() {
    State& state = *state_;
    if (std::exchange(state.ended, true) || state.failure) return;
    get_answers();
    if (state.opened) return;
    state.header.finish();
    if (auto opened = state.open_copies(); !opened) state.failure = opened.error();
}

bool MessageBuilder::must_wait() const {
    return state_->waits;
}

void MessageBuilder::get_answers() {
    State& state = *state_;
    if (!state.waits) return;
    state.headers->work()->answers->wait_from_now_on();
    // Nobody catches anything on the thread of a pool.
    try {
        if (auto made = state.make_headers(); !made) state.failure = made.error();
    } catch (const std::exception& problem) {
        state.waits = false;
        state.failure = Error::temporary({4, 3, 0}, "temporary failure", problem.what());
    }
}

Result<PreparedMessage> MessageBuilder::finish() {
    State& state = *state_;
    end();
    get_answers();
    if (state.failure) return *state.failure;
    PreparedMessage prepared;
    prepared.announcement_.log_options = state.log_options;
    std::vector<queue::FinishedFile> wholes;
    for (queue::MessageWriter& writer : state.writers) {
        auto file = writer.finish();
        if (!file) return std::move(file).error();
        wholes.push_back(std::move(*file));
    }
    if (auto diverted = state.divert(wholes); !diverted) return std::move(diverted).error();
    for (std::size_t i = 0; i < wholes.size(); ++i) {
        auto files = state.cut(state.copies[i], std::move(wholes[i]));
        if (!files) return std::move(files).error();
        for (queue::FinishedFile& file : *files) {
            state.describe(state.copies[i], file, prepared.announcement_);
            prepared.files_.push_back(std::move(file));
        }
    }
    state.describe_discarded(prepared.announcement_);
    prepared.envelope_id_ = state.submission.envelope_id;
    prepared.facts_ = state.header.facts();
    return prepared;
}

void MessageBuilder::State::describe(
    const Copy& copy, const queue::FinishedFile& file, PreparedMessage::Announcement& announcement
) const {
    add_enqueue_entries(
        submission, header.facts(), source_logs(), common_entry(),
        {copy.channel->name(), channel::has_logging(*copy.channel), copy.sender,
         envelope_id_of(copy), file.location().path(site.store.root()), file.content_size(),
         copy.recipients},
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
        submission, header.facts(), source_logs(), common_entry(),
        {std::string(policy::bitbucket_channel),
         false,
         submission.sender,
         submission.envelope_id,
         {},
         size + trace_size,
         discarded},
        announcement.events
    );
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

void PreparedMessage::announce(Site& site, Announcement announcement) {
    site.log.post(announcement.events, announcement.log_options);
    site.notifier.notify(std::move(announcement.messages));
}

Result<void> PreparedMessage::commit(Site& site) && {
    std::vector<PreparedMessage> alone;
    alone.push_back(std::move(*this));
    return commit_together(std::move(alone), site);
}

Result<void> PreparedMessage::commit_together(std::vector<PreparedMessage> messages, Site& site) {
    std::vector<queue::FinishedFile> files;
    for (PreparedMessage& message : messages) {
        std::move(message.files_.begin(), message.files_.end(), std::back_inserter(files));
    }
    if (auto committed = queue::commit_now(site.store, std::move(files)); !committed)
        return committed;
    for (PreparedMessage& message : messages) announce(site, std::move(message.announcement_));
    site.log.flush();
    return {};
}

queue::CommitGroupOptions commit_options(Site& site, std::function<void()> released) {
    queue::CommitGroupOptions options;
    options.after_batch = [&site, released = std::move(released)] {
        site.log.flush();
        if (released) released();
    };
    return options;
}

void PreparedMessage::commit(Site& site, queue::CommitGroup& group, queue::CommitDone done) && {
    auto shared = std::make_shared<Announcement>(std::move(announcement_));
    group.submit(
        std::move(files_),
        [&site, shared, done = std::move(done)](const Result<void>& outcome) {
            if (outcome) announce(site, std::move(*shared));
            done(outcome);
        }
    );
}

}  // namespace sluice::enqueue
