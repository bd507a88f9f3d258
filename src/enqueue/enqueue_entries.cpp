#include "enqueue/enqueue_entries.h"

#include <algorithm>
#include <utility>

#include "channel/channel_table.h"
#include "log/process_field.h"

namespace sluice::enqueue {

namespace {

void add_filter_text(std::string& text, const std::string& more) {
    if (!text.empty() && !more.empty()) text += ' ';
    text += more;
}

/// Mail from this host itself: there is no system that it came from.
bool is_local(const Submission& submission) {
    return submission.source_channel == channel::local_channel_name;
}

}  // namespace

void add_enqueue_entries(
    const Submission& submission,
    const message::HeaderFacts& facts,
    const log::TransactionLog& log,
    bool source_logs,
    log::Event common,
    const LoggedCopy& copy,
    std::vector<log::Event>& entries
) {
    log::Event event = submission.log_template;
    event.kind = log::EventKind::enqueued;
    event.time = common.time;
    event.node = std::move(common.node);
    event.process = log::this_thread_process_field().next_operation();
    event.source_channel = submission.source_channel;
    event.destination_channel = copy.destination_channel;
    event.bytes = copy.bytes;
    event.sender = copy.sender;
    event.file_name = copy.file_name;
    event.envelope_id = copy.envelope_id;
    event.enqueued = copy.enqueued;
    event.goes_on = submission.enqueued.has_value();
    // The template has the time at which the transaction began.
    if (submission.log_template.time != WallTime{}) {
        event.transaction_time = std::chrono::duration_cast<std::chrono::milliseconds>(
            copy.finished - submission.log_template.time
        );
    }
    event.message_id = facts.message_id;
    event.priority = static_cast<int>(facts.priority);
    event.sensitivity = static_cast<int>(facts.sensitivity);
    add_filter_text(event.filter, copy.filter_text);
    if (is_local(submission)) event.source = {};
    event.logged = log::is_logged(event, source_logs, copy.destination_logs);
    if (!log.has_readers(event.logged)) return;
    entries.reserve(entries.size() + copy.recipients.size() + 1);
    const auto describe = [&](const SubmittedRecipient& recipient) {
        event.original_recipient_type = recipient.original_type;
        event.original_recipient = recipient.original;
        event.recipient = recipient.destination.address;
        event.intermediate_recipient = recipient.destination.intermediate;
        event.initial_recipient = recipient.presented;
        event.notary_flags = recipient.notify;
    };
    // An event is large: the last one is not copied.
    const bool is_held = !copy.hold_reason.empty();
    for (std::size_t i = 0; i < copy.recipients.size(); ++i) {
        describe(submission.recipients[copy.recipients[i]]);
        if (is_held || i + 1 < copy.recipients.size()) {
            entries.push_back(event);
        } else {
            entries.push_back(std::move(event));
        }
    }
    if (!is_held) return;
    event.kind = log::EventKind::held;
    event.logged = copy.destination_logs;
    event.source_channel = copy.destination_channel;
    event.original_recipient.clear();
    event.intermediate_recipient.clear();
    event.initial_recipient.clear();
    event.recipient = "*";
    event.diagnostic = "held: " + copy.hold_reason;
    entries.push_back(std::move(event));
}

void add_header_entries(std::vector<std::string> lines, std::vector<log::Event>& entries) {
    if (lines.empty()) return;
    const bool logged = std::any_of(entries.begin(), entries.end(), [](const log::Event& entry) {
        return entry.logged;
    });
    if (!logged) return;
    const std::size_t last = entries.size() - 1;
    entries.reserve(entries.size() + lines.size());
    for (std::string& line : lines) {
        log::Event& event = entries.emplace_back();
        event.kind = log::EventKind::header_line;
        event.time = entries[last].time;
        event.node = entries[last].node;
        event.process = entries[last].process;
        event.session = entries[last].session;
        event.header_line = std::move(line);
    }
}

}  // namespace sluice::enqueue
