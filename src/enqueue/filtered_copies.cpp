// Content filters of copies: the keywords destinationspamfilterN, and sourcespamfilterN of channels
// without sessions. A copy is complete when it is shown, as its channel will get it; what its
// filters want changed makes another file of it.
#include <algorithm>
#include <utility>

#include "access/connection_record.h"
#include "base/log.h"
#include "enqueue/message_builder_state.h"
#include "message/header_edit.h"

namespace sluice::enqueue {

namespace {

constexpr std::size_t piece = 64UL * 1024;

Error error_of(const milter::ReplyText& reply) {
    std::string text;
    for (const std::string& line : reply.lines) text += (text.empty() ? "" : " ") + line;
    return reply.code >= 500 ? Error::permanent(reply.status, text, "refused by a filter: " + text)
                             : Error::temporary(reply.status, text, "put off by a filter: " + text);
}

Result<filter::Content> content_of(
    queue::FinishedFile& file, const std::string& directory, std::size_t header_limit
) {
    Spool spool(directory);
    std::string buffer(piece, '\0');
    for (std::uint64_t offset = 0; offset < file.content_size();) {
        const auto got = file.read_content(offset, buffer.data(), buffer.size());
        if (!got) return got.error();
        if (*got == 0) break;
        offset += *got;
        if (auto kept = spool.append({buffer.data(), *got}); !kept) return std::move(kept).error();
    }
    return filter::Content::from(std::move(spool), header_limit);
}

}  // namespace

bool MessageBuilder::waits_to_finish() const {
    const State& state = *state_;
    return state.reformats_any() ||
           std::any_of(state.copies.begin(), state.copies.end(), [&](const Copy& copy) {
               return !state.filters_of(copy).empty();
           });
}

filter::Plan MessageBuilder::State::filters_of(const Copy& copy) const {
    if (!limits.filters) return {};
    // Decided already, or thrown away: the copy is no message any more.
    if (copy.shape->settled || copy.channel->name() == policy::bitbucket_channel) return {};
    return limits.filters->plan(
        submission.source_channel, *copy.channel, submission.source_filtered
    );
}

filter::CopyFacts MessageBuilder::State::filter_facts(const Copy& copy) const {
    filter::CopyFacts facts;
    facts.source_channel = submission.source_channel;
    facts.destination_channel = copy.channel->name();
    facts.sender = copy.sender;
    facts.envelope_id = envelope_id_of(copy);
    for (const std::size_t i : copy.recipients)
        facts.recipients.push_back(submission.recipients[i].destination.address);
    const auto session = submission.transport
                             ? access::parse_connection_record(*submission.transport)
                             : std::optional<access::Session>();
    if (!session) return facts;
    facts.helo = session->app.helo;
    if (session->port) {
        facts.client.remote = session->port->client;
        facts.client.local = session->port->server;
    }
    return facts;
}

// Refusals are acted upon at the end: where all are refused the sender is told at once.
Result<void> MessageBuilder::State::filter_copies(std::vector<queue::FinishedFile>& files) {
    std::vector<RefusedCopy> refused;
    const std::size_t count = copies.size();
    for (std::size_t i = 0; i < count; ++i) {
        const filter::Plan plan = filters_of(copies[i]);
        if (plan.empty()) continue;
        if (auto done = filter_copy(plan, i, files, refused); !done) return done;
    }
    if (refused.empty()) {
        drop_empty_copies(files);
        return {};
    }
    std::size_t number = 0;
    for (const RefusedCopy& one : refused) number += one.recipients.size();
    if (number == submission.recipients.size()) return error_of(refused.front().reply);
    for (const RefusedCopy& one : refused) {
        if (auto told = report(one, files); !told) return told;
    }
    drop_empty_copies(files);
    return {};
}

Result<void> MessageBuilder::State::filter_copy(
    const filter::Plan& plan,
    std::size_t index,
    std::vector<queue::FinishedFile>& files,
    std::vector<RefusedCopy>& refused
) {
    auto content =
        content_of(files[index], limits.filters->spool_directory(), limits.header_bytes * 2);
    if (!content) return std::move(content).error();
    const auto& fields = content->header().fields();
    const bool own_trace = submission.received && !fields.empty() && fields[0].name == "Received";
    const std::string front = own_trace ? content->header().take_front() : std::string();
    auto outcome = limits.filters->run(plan, filter_facts(copies[index]), *content);
    if (!outcome) return std::move(outcome).error();
    filter::Judgement& judgement = outcome->judgement;
    if (judgement.refusal) {
        if (judgement.refusal->code < 500) return error_of(*judgement.refusal);
        refused.push_back({index, *judgement.refusal, copies[index].recipients});
        return {};
    }
    for (const auto& [place, reply] : outcome->refused)
        refused.push_back({index, reply, {copies[index].recipients[place]}});
    if (auto led = apply(*outcome, copies[index]); !led) return led;
    const bool same = !outcome->changed && !outcome->new_sender && outcome->removed.empty() &&
                      judgement.hold_reason.empty() && !judgement.discard && !judgement.later &&
                      !judgement.channel && judgement.header_edits.empty() &&
                      judgement.conversion_tags.empty();
    if (same) return {};
    return rewrite(copies[index], front, *content, judgement.header_edits, files[index]);
}

/// What the filters want of the envelope of a copy.
Result<void> MessageBuilder::State::apply(const filter::CopyOutcome& outcome, Copy& copy) {
    const filter::Judgement& judgement = outcome.judgement;
    copy.filter_text = judgement.log_text;
    if (outcome.new_sender) copy.sender = *outcome.new_sender;
    if (!judgement.hold_reason.empty()) copy.hold_reason = judgement.hold_reason;
    for (const std::string& tag : judgement.conversion_tags) copy.conversion_tags.push_back(tag);
    std::string channel = judgement.channel.value_or("");
    if (judgement.later) {
        // The channel reprocess itself has nowhere to put it off to: its attempt fails for now.
        if (submission.requeued || channels.find("reprocess") == nullptr)
            return error_of(*filter::refusal_after_failure(config::FilterFailure::tempfail));
        channel = "reprocess";
    }
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < copy.recipients.size(); ++i) {
        const auto& removed = outcome.removed;
        if (std::find(removed.begin(), removed.end(), i) == removed.end())
            left.push_back(copy.recipients[i]);
    }
    const bool discard = judgement.discard || left.empty();
    if (discard) channel = policy::bitbucket_channel;
    if (!left.empty()) copy.recipients = std::move(left);
    if (channel.empty()) return {};
    const channel::Channel* found = channels.find(channel);
    if (found != nullptr) {
        copy.channel = found;
    } else if (discard) {
        discarded.insert(discarded.end(), copy.recipients.begin(), copy.recipients.end());
        copy.recipients.clear();
    } else {
        diag::warning("filter sends a message to channel " + channel + ", which does not exist");
    }
    return {};
}

/// Another file in the place of a copy's: its envelope, or its content, is not what it was.
Result<void> MessageBuilder::State::rewrite(
    const Copy& copy,
    const std::string& front,
    const filter::Content& content,
    const message::HeaderEdits& edits,
    queue::FinishedFile& file
) {
    if (copy.recipients.empty()) return {};  // drop_empty_copies() takes it away
    auto writer = writer_for(copy);
    if (!writer) return std::move(writer).error();
    if (auto written = writer->append(front); !written) return written;
    filter::ContentReader reader(content);
    bool in_header = true;
    while (true) {
        auto octets = reader.next();
        if (!octets) return std::move(octets).error();
        if (octets->empty()) break;
        if (std::exchange(in_header, false) && !edits.empty())
            octets = message::apply_edits(*octets, edits);
        if (auto written = writer->append(*octets); !written) return written;
    }
    auto finished = writer->finish();
    if (!finished) return std::move(finished).error();
    file = std::move(*finished);
    return {};
}

/// The sender is told of refused recipients by a notification; the others are served
/// (docs/adr/0018-failed-members-travel-as-settled-recipients.md).
Result<void> MessageBuilder::State::report(
    const RefusedCopy& refused, std::vector<queue::FinishedFile>& files
) {
    const channel::Channel* channel = channels.find("reprocess");
    if (channel == nullptr) channel = channels.find("process");
    if (channel == nullptr)
        return Error::temporary({4, 3, 5}, "no channel for the report about a refused recipient");
    auto content = content_of(
        files[refused.index], limits.filters->spool_directory(), limits.header_bytes * 2
    );
    if (!content) return std::move(content).error();
    Copy copy = copies[refused.index];
    copy.channel = channel;
    copy.recipients = refused.recipients;
    for (const std::size_t i : refused.recipients) {
        const Error error = error_of(refused.reply);
        submission.recipients[i].destination.settled = StatusText{error.status(), error.text()};
        submission.recipients[i].destination.channel = channel->name();
        auto& others = copies[refused.index].recipients;
        others.erase(std::remove(others.begin(), others.end(), i), others.end());
    }
    copy.hold_reason.clear();
    copies.push_back(std::move(copy));
    auto writer = queue::MessageWriter::create(
        site.store, {channel->name(), channel::subdirectory_count(*channel), 0, {}},
        copy_envelope(
            copies.back(), submission, header.facts(), envelope_id_of(copies.back()), {}, now
        )
    );
    if (!writer) return std::move(writer).error();
    filter::ContentReader reader(*content);
    while (true) {
        const auto octets = reader.next();
        if (!octets) return octets.error();
        if (octets->empty()) break;
        if (auto written = writer->append(*octets); !written) return written;
    }
    auto finished = writer->finish();
    if (!finished) return std::move(finished).error();
    files.push_back(std::move(*finished));
    auto& old = copies[refused.index];
    if (old.recipients.empty()) return {};
    return rewrite(old, {}, *content, {}, files[refused.index]);
}

void MessageBuilder::State::drop_empty_copies(std::vector<queue::FinishedFile>& files) {
    for (std::size_t i = copies.size(); i-- > 0;) {
        if (!copies[i].recipients.empty()) continue;
        copies.erase(copies.begin() + static_cast<std::ptrdiff_t>(i));
        files.erase(files.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace sluice::enqueue
