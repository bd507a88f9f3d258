#include "utility/qm_gather.h"

#include <optional>

#include "message/decoded_text.h"
#include "message/header_field.h"
#include "queue/scan.h"
#include "utility/file_readers.h"
#include "utility/qm_session.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

/// What people want to know first: the newest line that says why the message is not delivered.
std::string newest_problem(const std::vector<queue::HistoryRecord>& history) {
    for (auto record = history.rbegin(); record != history.rend(); ++record) {
        if (record->code == queue::HistoryCode::temporary_failure ||
            record->code == queue::HistoryCode::others_delivered) {
            return record->text;
        }
    }
    return {};
}

std::string reason_of(queue::MessageFile& file) {
    if (file.location().name.state() == queue::MessageState::held) {
        return file.hold_reason().value_or("");
    }
    const auto history = file.history();
    return history ? newest_problem(*history) : std::string();
}

std::string subject_of(queue::MessageFile& file) {
    const auto header = read_header(file);
    if (!header) return {};
    return message::decoded_text(message::find_header(*header, "Subject").value_or(""));
}

/// When the file was made; its own names tell, for foreign ones the last change must do.
WallTime creation_time(const queue::Store& store, const queue::MessageLocation& location) {
    if (const auto arrival = queue::arrival_time(location.name.unique)) return *arrival;
    return queue::last_attempt_time(store, location).value_or(WallTime());
}

/// Takes names, and reads the files where the names do not tell enough.
class Gathering {
public:
    Gathering(
        queue::Store& store, const Selector& selector, const GatherDetail& detail, Console& console
    )
        : selector_(selector),
          detail_(detail),
          progress_(console, "Reading", 0),
          readers_(store, selector, detail_, &progress_) {
        detail_.subject = detail_.subject || selector.needs_subject();
        detail_.reason = detail_.reason || selector.needs_reason();
    }

    void take(QueuedMessage message) {
        if (!selector_.matches_name(message)) return;
        if (detail_.files || selector_.needs_more_than(message)) {
            readers_.take(std::move(message));
        } else if (selector_.matches_content(message)) {
            found_.push_back(std::move(message));
        }
    }
    std::vector<QueuedMessage> finish() {
        std::vector<QueuedMessage> read = readers_.finish();
        if (found_.empty()) {
            found_ = std::move(read);
        } else {
            std::move(read.begin(), read.end(), std::back_inserter(found_));
        }
        sort_messages(found_, selector_.sort);
        if (selector_.limit && found_.size() > *selector_.limit) found_.resize(*selector_.limit);
        return std::move(found_);
    }

private:
    const Selector& selector_;
    GatherDetail detail_;
    Progress progress_;
    FileReaders readers_;
    std::vector<QueuedMessage> found_;
};

Result<void> gather_from_tree(queue::Store& store, const Selector& selector, Gathering& gathering) {
    const auto channels = queue::list_channels(store);
    if (!channels) return channels.error();
    queue::ScanVisitor visitor;
    visitor.message = [&](const queue::ScannedMessage& scanned) {
        QueuedMessage message;
        message.location = scanned.location();
        message.since = creation_time(store, message.location);
        gathering.take(std::move(message));
    };
    for (const std::string& channel : *channels) {
        if (!selector.matches_channel(channel)) continue;
        if (auto scanned = queue::scan_channel(store, channel, visitor); !scanned) return scanned;
    }
    return {};
}

Result<void> gather_from_controller(
    QmSession& session, const Selector& selector, Gathering& gathering
) {
    const auto controller = session.controller();
    if (!controller) return controller.error();
    const std::string channel = has_wildcard(selector.channel) ? "" : selector.channel;
    std::vector<jobs::MessageRow> rows;
    auto listed = (*controller)->list_messages(channel, [&](const jobs::MessageRow& row) {
        if (selector.matches_channel(row.channel)) rows.push_back(row);
    });
    if (!listed) return listed;
    for (const jobs::MessageRow& row : rows) {
        auto location = queue::MessageLocation::parse(row.channel + '/' + row.file);
        if (!location) continue;
        QueuedMessage message;
        message.location = std::move(*location);
        message.since = row.enqueued;
        message.size = row.size;
        message.host = row.host;
        // After a restart it knows the names alone, until somebody has the file in hand.
        message.is_read = row.size > 0;
        gathering.take(std::move(message));
    }
    return {};
}

}  // namespace

void read_message(
    queue::MessageReader& reader, QueuedMessage& message, const GatherDetail& detail
) {
    auto file = reader.open(message.location);
    if (!file) {
        message.is_read = false;
        if (queue::failure_kind(file.error()) != queue::Failure::gone) {
            message.trouble = file.error().detail();
        }
        return;
    }
    message.location = file->location();
    message.is_read = true;
    message.size = file->content_size();
    message.device = file->identity().device;
    message.inode = file->identity().inode;
    if (detail.subject) message.subject = subject_of(*file);
    if (detail.reason) message.reason = reason_of(*file);
    queue::Envelope envelope = std::move(*file).take_envelope();
    message.owner = std::move(envelope.owner);
    message.sender = std::move(envelope.sender);
    message.message_id = std::move(envelope.message_id).value_or("");
    message.host = envelope.recipients.front().host.value_or("");
    message.recipients.clear();
    message.recipients.reserve(envelope.recipients.size());
    for (queue::Recipient& recipient : envelope.recipients) {
        message.recipients.push_back(std::move(recipient.address));
    }
}

void read_message(queue::Store& store, QueuedMessage& message, const GatherDetail& detail) {
    queue::MessageReader reader(store);
    read_message(reader, message, detail);
}

Result<std::vector<QueuedMessage>> gather_messages(
    QmSession& session,
    Console& console,
    const Selector& selector,
    const GatherDetail& detail,
    bool from_database
) {
    const auto runtime = session.runtime();
    if (!runtime) return runtime.error();
    queue::Store& store = (*runtime)->store();
    Gathering gathering(store, selector, detail, console);
    auto gathered = from_database ? gather_from_controller(session, selector, gathering)
                                  : gather_from_tree(store, selector, gathering);
    if (!gathered) return std::move(gathered).error();
    return gathering.finish();
}

}  // namespace sluice::utility
