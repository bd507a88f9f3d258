#include "enqueue/log_action_sink.h"

#include <exception>
#include <utility>

#include "base/log.h"
#include "base/system_log.h"
#include "log/entry_parts.h"
#include "log/render.h"
#include "lookup/gathering.h"
#include "policy/recipient.h"

namespace sluice::enqueue {

namespace {

constexpr std::size_t most_records = 10'000;
constexpr std::chrono::seconds farewell{2};
constexpr unsigned probe_bit = 2;

}  // namespace

access::LogRecord log_record(const log::Event& event, const log::LogOptions& options) {
    access::LogRecord record;
    record.source_channel = event.source_channel;
    record.action = log::entry_code(event, options.modifiers);
    if (log::is_connection_entry(event.kind)) {
        record.destination_channel = event.direction == log::Direction::inbound ? "+" : "-";
    } else {
        if (event.kind == log::EventKind::enqueued)
            record.destination_channel = event.destination_channel;
        record.from = event.sender;
        record.to = event.kind == log::EventKind::bad_command ? "" : event.recipient;
    }
    record.user = event.username;
    if ((options.diagnostics & probe_bit) != 0) record.diagnostic = event.diagnostic;
    if ((options.reason & probe_bit) != 0) record.reason = event.reason;
    return record;
}

LogActionSink::LogActionSink(config::ConfigurationPtr configuration)
    : configuration_(std::move(configuration)), sources_(configuration_) {}

LogActionSink::~LogActionSink() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        give_up_ = system_clock().mono_now() + farewell;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void LogActionSink::post(std::span<const log::Event> events, const log::LogOptions& options) {
    bool overflowed = false;
    {
        const std::lock_guard lock(mutex_);
        for (const log::Event& event : events) {
            const bool is_entry = log::entry_letter(event.kind) != '\0';
            if (!event.logged || !is_entry || !log::is_wanted(event.kind, options)) continue;
            if (records_.size() >= most_records) {
                overflowed = !std::exchange(overflowing_, true);
                break;
            }
            records_.push_back(log_record(event, options));
        }
        if (!records_.empty() && !thread_.joinable()) thread_ = std::thread([this] { run(); });
    }
    changed_.notify_all();
    if (overflowed) diag::warning("LOG_ACTION does not keep up: not asked about all records");
}

void LogActionSink::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !records_.empty(); });
        if (records_.empty()) return;
        if (ending_ && system_clock().mono_now() >= give_up_) return;
        const access::LogRecord record = std::move(records_.front());
        records_.pop_front();
        if (records_.empty()) overflowing_ = false;
        lock.unlock();
        // Nobody catches anything on a thread of ours.
        try {
            ask(record);
        } catch (const std::exception& problem) {
            diag::warning(std::string("LOG_ACTION: ") + problem.what());
        }
        lock.lock();
    }
}

void LogActionSink::ask(const access::LogRecord& record) {
    lookup::BlockingAnswers answers(sources_);
    const access::Options options = policy::access_options(*configuration_);
    const access::LogActionVerdict verdict =
        access::check_log_action({configuration_->mappings, options, answers, nullptr}, record);
    for (const std::string& text : verdict.syslog) system_log().notice(text);
    for (const std::string& warning : verdict.warnings) diag::warning(warning);
}

}  // namespace sluice::enqueue
