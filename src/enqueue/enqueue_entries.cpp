#include "enqueue/enqueue_entries.h"

#include "log/process_field.h"

namespace sluice::enqueue {

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
    event.logged = log::is_logged(event, source_logs, copy.destination_logs);
    if (!log.has_readers(event.logged)) return;
    for (const std::size_t i : copy.recipients) {
        const SubmittedRecipient& recipient = submission.recipients[i];
        event.original_recipient_type = recipient.original_type;
        event.original_recipient = recipient.original;
        event.recipient = recipient.destination.address;
        event.intermediate_recipient = recipient.destination.intermediate;
        event.notary_flags = recipient.notify;
        entries.push_back(event);
    }
}

}  // namespace sluice::enqueue
