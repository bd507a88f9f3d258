#include "enqueue/message_builder.h"

#include <algorithm>
#include <exception>

#include "base/limit_hits.h"
#include "enqueue/defragmenting.h"
#include "enqueue/message_builder_state.h"
#include "enqueue/receipts.h"

namespace sluice::enqueue {

namespace {

std::uint64_t count_lines(std::string_view bytes) {
    return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

}  // namespace

std::uint64_t header_limit(
    const channel::ChannelTable& channels, const MessageLimits& limits, const Submission& submission
) {
    const channel::Channel* source = channels.find(submission.source_channel);
    if (limits.one_header_limit || source == nullptr) return limits.header_bytes;
    const auto blocks = source->limit(channel::Keyword::headerlimit);
    if (!blocks || *blocks <= 0) return limits.header_bytes;
    return static_cast<std::uint64_t>(*blocks) * limits.block_size;
}

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
    if (header.was_cut()) {
        limits::hit(
            limits::Limit::header,
            "header of " + own_envelope_id + " is over HEADER_LIMIT and was cut"
        );
    }
    if (auto met = meet_loop(); !met) return met;
    lead_to_defragment(submission, header.facts(), channels);
    copies = split(submission.recipients, channels);
    for (const Copy& copy : copies) ask_for_receipts(copy, header.fields(), submission);
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
        const auto fields = headers->header_for(*copy.channel, edits_of(copy));
        if (!fields) return fields.error();
    }
    return {};
}

Result<void> MessageBuilder::State::write_copies() {
    for (const Copy& copy : copies) {
        auto writer = writer_for(copy);
        if (!writer) return std::move(writer).error();
        writers.push_back(std::move(*writer));
    }
    const std::string trace = trace_line(unique);
    trace_size = trace.size();
    auto written = write_headers(trace);
    note_logged_headers();
    begin_texts();
    begin_inner_headers();
    if (written) written = write(header.rest());
    headers.reset();
    header.release();
    return written;
}

Result<queue::MessageWriter> MessageBuilder::State::writer_for(const Copy& copy) const {
    queue::CopyOptions options;
    options.channel = copy.channel->name();
    options.subdirs = channel::subdirectory_count(*copy.channel);
    return queue::MessageWriter::create(
        site.store, options,
        copy_envelope(copy, submission, header.facts(), envelope_id_of(copy), loop, now)
    );
}

// The poster's ENVID means nothing to whoever gets the reports of a list.
const std::string& MessageBuilder::State::envelope_id_of(const Copy& copy) const {
    return copy.shape->is_list_copy ? own_envelope_id : submission.envelope_id;
}

Result<void> MessageBuilder::State::write_headers(const std::string& trace) {
    for (std::size_t i = 0; i < writers.size(); ++i) {
        const Copy& copy = copies[i];
        const auto fields = headers->header_for(*copy.channel, edits_of(copy));
        if (!fields) return fields.error();
        const std::string in_front = trace + envelope_to_field(copy, submission);
        const auto trimmed = headers->trimmed_for(*copy.channel, in_front, *fields);
        auto written = writers[i].append(trimmed ? *trimmed : in_front);
        if (written && !trimmed) written = writers[i].append(*fields);
        if (!written) return written;
    }
    return {};
}

// With all answers, however long they take.
Result<void> MessageBuilder::State::go_on() {
    waits = false;
    if (inner != nullptr) return inner->get_answers();
    headers->work()->answers->wait_from_now_on();
    auto made = make_headers();
    // The first header of an embedded message came with the end of the outer one.
    if (made && inner != nullptr && waits) made = go_on();
    if (made && ended) made = finish_content();
    if (made && inner != nullptr && waits) made = go_on();
    return made;
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
    if (state.failure) return;
    auto ended = Result<void>();
    if (!state.opened) {
        state.header.finish();
        ended = state.open_copies();
    }
    if (ended && !state.waits) ended = state.finish_content();
    if (!ended) {
        state.failure = ended.error();
        return;
    }
    state.choose_reformats();
}

bool MessageBuilder::must_wait() const {
    return state_->waits;
}

void MessageBuilder::get_answers() {
    State& state = *state_;
    if (!state.waits) return;
    // Nobody catches anything on the thread of a pool.
    try {
        if (auto made = state.go_on(); !made) state.failure = made.error();
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
    if (auto finished = state.finish_texts(); !finished) return std::move(finished).error();
    PreparedMessage prepared;
    prepared.announcement_.log_options = state.log_options;
    std::vector<queue::FinishedFile> wholes;
    for (queue::MessageWriter& writer : state.writers) {
        auto file = writer.finish();
        if (!file) return std::move(file).error();
        wholes.push_back(std::move(*file));
    }
    if (auto reformatted = state.reformat_copies(wholes); !reformatted)
        return std::move(reformatted).error();
    if (auto filtered = state.filter_copies(wholes); !filtered) return std::move(filtered).error();
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
    // Copies for members of a list may have an envelope id of their own; those who read events find
    // what belongs to one message together.
    const auto is_before = [](const log::Event& a, const log::Event& b) {
        return a.envelope_id < b.envelope_id;
    };
    // An event is large, and most messages have one.
    auto& events = prepared.announcement_.events;
    if (!std::is_sorted(events.begin(), events.end(), is_before))
        std::stable_sort(events.begin(), events.end(), is_before);
    add_header_entries(std::move(state.logged_headers), events);
    prepared.envelope_id_ = state.submission.envelope_id;
    prepared.facts_ = state.header.facts();
    return prepared;
}

}  // namespace sluice::enqueue
