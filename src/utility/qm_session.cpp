#include "utility/qm_session.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>

#include "base/parallel.h"
#include "message/decoded_text.h"
#include "message/header_field.h"
#include "queue/scan.h"
#include "utility/operator_log.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

constexpr std::size_t header_ceiling = 64UL << 10U;
constexpr std::chrono::seconds controller_patience{10};

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

/// Messages whose files are read together.
constexpr std::size_t files_at_once = 16384;
/// Fewer are not worth a thread.
constexpr std::size_t files_per_thread = 64;

/// Collects one channel's messages after the other. Reading files is what takes the time: all
/// processors do it.
class Gathering {
public:
    Gathering(queue::Store& store, const Selector& selector, const GatherDetail& detail)
        : store_(store), selector_(selector), detail_(detail) {
        detail_.files = detail_.files || selector.needs_files();
        detail_.subject = detail_.subject || selector.needs_subject();
        detail_.reason = detail_.reason || selector.needs_reason();
    }

    void take(QueuedMessage message) {
        if (!selector_.matches_name(message)) return;
        if (detail_.files) {
            unread_.push_back(std::move(message));
            if (unread_.size() == files_at_once) read_files();
        } else if (selector_.matches_content(message)) {
            found_.push_back(std::move(message));
        }
    }
    std::vector<QueuedMessage> finish() {
        read_files();
        sort_messages(found_, selector_.sort);
        if (selector_.limit && found_.size() > *selector_.limit) found_.resize(*selector_.limit);
        return std::move(found_);
    }

private:
    void read_files() {
        std::vector<char> wanted(unread_.size());
        std::atomic<std::size_t> next{0};
        const auto work = [&] {
            for (std::size_t i = next++; i < unread_.size(); i = next++)
                wanted[i] = read(unread_[i]);
        };
        run_in_parallel(unread_.size() / files_per_thread + 1, work);
        for (std::size_t i = 0; i < unread_.size(); ++i) {
            if (wanted[i] != 0) found_.push_back(std::move(unread_[i]));
        }
        unread_.clear();
    }

    bool read(QueuedMessage& message) const {
        read_message(store_, message, detail_);
        const bool is_gone = !message.is_read && message.trouble.empty();
        return !is_gone && selector_.matches_content(message);
    }

    queue::Store& store_;
    const Selector& selector_;
    GatherDetail detail_;
    std::vector<QueuedMessage> unread_;
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
        message.is_read = true;
        gathering.take(std::move(message));
    }
    return {};
}

}  // namespace

Result<enqueue::Runtime*> QmSession::runtime() {
    if (runtime_) return runtime_.get();
    const auto configuration = config::load_published(instance_.tailor.file());
    if (!configuration) return configuration.error();
    auto opened = enqueue::Runtime::open(*configuration);
    if (!opened) return std::move(opened).error();
    runtime_ = std::move(*opened);
    return runtime_.get();
}

Result<jobs::ControlClient*> QmSession::controller() {
    if (controller_) return &*controller_;
    if (controller_failure_) return *controller_failure_;
    const auto opened = runtime();
    if (!opened) return opened.error();
    auto connected = jobs::ControlClient::connect(
        enqueue::job_controller_socket((*opened)->configuration()), controller_patience
    );
    if (!connected) {
        controller_failure_ = connected.error();
        return std::move(connected).error();
    }
    controller_.emplace(std::move(*connected));
    return &*controller_;
}

void QmSession::disconnect() {
    controller_.reset();
    controller_failure_.reset();
}

Result<std::vector<std::string>> known_channels(enqueue::Runtime& runtime) {
    auto names = queue::list_channels(runtime.store());
    if (!names) return names;
    for (const channel::Channel& channel : runtime.configuration().imta.channels) {
        names->push_back(channel.name());
    }
    std::sort(names->begin(), names->end());
    names->erase(std::unique(names->begin(), names->end()), names->end());
    return names;
}

ExitCode report_no_queue(Console& console, const Error& error) {
    const bool configuration = error.is_permanent();
    console.fatal(
        "QM", configuration ? "BADCONFIG" : "NOQUEUE",
        error.detail().empty() ? error.text() : error.detail()
    );
    return configuration ? ExitCode::configuration : ExitCode::failed;
}

ExitCode report_no_controller(Console& console, const Error& error) {
    console.error("QM", "NOJBC", "the job controller does not answer: " + error.detail());
    return ExitCode::no_daemon;
}

void write_audit(
    Invocation& invocation, QmSession& session, enqueue::Runtime& runtime, std::size_t messages
) {
    OperatorAct act;
    act.time = runtime.store().clock().wall_now();
    act.user_id = login_of(invocation.who().user_id);
    act.user = user_name(act.user_id);
    act.messages = messages;
    act.command = invocation.who().command;
    const auto logged = log_operator_act(
        session.instance().tailor.path(config::TailorEntry::log), act, TimeZone::system()
    );
    if (!logged) invocation.console().warning("QM", "NOAUDIT", logged.error().detail());
}

std::string file_in_channel(const queue::MessageLocation& location) {
    const std::string name = location.name.to_string();
    return location.sub_directory.empty() ? name : location.sub_directory + '/' + name;
}

Result<std::string> read_header(queue::MessageFile& file) {
    const std::uint64_t wanted = std::min<std::uint64_t>(file.content_size(), header_ceiling);
    std::string text(static_cast<std::size_t>(wanted), '\0');
    const auto count = file.read_content(0, text.data(), text.size());
    if (!count) return count.error();
    text.resize(*count);
    return text;
}

void read_message(queue::Store& store, QueuedMessage& message, const GatherDetail& detail) {
    auto file = queue::MessageFile::open(store, message.location, queue::Access::read);
    if (!file) {
        message.is_read = false;
        if (queue::failure_kind(file.error()) != queue::Failure::gone) {
            message.trouble = file.error().detail();
        }
        return;
    }
    const queue::Envelope& envelope = file->envelope();
    message.location = file->location();
    message.is_read = true;
    message.size = file->content_size();
    message.owner = envelope.owner;
    message.sender = envelope.sender;
    message.message_id = envelope.message_id.value_or("");
    message.recipients.clear();
    for (const queue::Recipient& recipient : envelope.recipients) {
        message.recipients.push_back(recipient.address);
    }
    message.host = envelope.recipients.front().host.value_or("");
    struct stat status {};
    if (::fstat(file->descriptor(), &status) == 0) {
        message.device = status.st_dev;
        message.inode = status.st_ino;
    }
    if (detail.subject) message.subject = subject_of(*file);
    if (detail.reason) message.reason = reason_of(*file);
}

Result<std::vector<QueuedMessage>> gather_messages(
    QmSession& session, const Selector& selector, const GatherDetail& detail, bool from_database
) {
    const auto runtime = session.runtime();
    if (!runtime) return runtime.error();
    queue::Store& store = (*runtime)->store();
    Gathering gathering(store, selector, detail);
    auto gathered = from_database ? gather_from_controller(session, selector, gathering)
                                  : gather_from_tree(store, selector, gathering);
    if (!gathered) return std::move(gathered).error();
    return gathering.finish();
}

}  // namespace sluice::utility
