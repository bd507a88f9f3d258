#include "qmail_log/qmail_sink.h"

#include <vector>

#include "qmail_log/entries.h"

namespace sluice::qmail_log {

namespace {

constexpr std::uint16_t smtp_port = 25;

multilog::DirectorySettings directory(const QmailSettings& settings, const std::string& name) {
    multilog::DirectorySettings out;
    out.path = settings.directory + name;
    out.size = settings.size;
    out.old_files = settings.old_files;
    return out;
}

}  // namespace

QmailSink::QmailSink(QmailSettings settings)
    : settings_(std::move(settings)),
      ledger_(settings_.ledger_path),
      send_log_(directory(settings_, "qmail-send")) {}

bool QmailSink::wants(log::EventKind kind) const {
    return is_wanted(kind, settings_.send.switches);
}

multilog::LogDirectory& QmailSink::smtp_log(std::uint16_t port) {
    const std::lock_guard lock(mutex_);
    auto& log = smtp_logs_[port];
    if (!log) {
        std::string name = "qmail-smtpd";
        if (port != smtp_port) name += '-' + std::to_string(port);
        log = std::make_unique<multilog::LogDirectory>(directory(settings_, name));
    }
    return *log;
}

void QmailSink::post(std::span<const log::Event> events, const log::LogOptions& /*options*/) {
    std::string send_lines;
    render_send(send_lines, events, settings_.send, ledger_);
    if (!send_lines.empty()) send_log_.post(send_lines);
    for (const log::Event& event : events) {
        std::string lines;
        render_smtp(lines, event, settings_.smtp);
        if (lines.empty()) continue;
        smtp_log(event.transport ? event.transport->local.port : smtp_port).post(lines);
    }
}

void QmailSink::flush() {
    send_log_.flush();
    std::vector<multilog::LogDirectory*> logs;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [port, log] : smtp_logs_) logs.push_back(log.get());
    }
    for (multilog::LogDirectory* log : logs) log->flush();
}

}  // namespace sluice::qmail_log
