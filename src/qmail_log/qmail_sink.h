#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "log/sink.h"
#include "multilog/log_directory.h"
#include "qmail_log/send_ledger.h"
#include "qmail_log/send_lines.h"
#include "qmail_log/smtp_lines.h"

// LOG_QMAIL: what happens, as the logs of a qmail server below multilog say it, beside mail.log
// (postoffice-and-qmail-features.md sections 4 and 5).
namespace sluice::qmail_log {

struct QmailSettings {
    std::string directory;    ///< in it: qmail-send, qmail-smtpd, qmail-smtpd-PORT
    std::string ledger_path;  ///< of the SendLedger
    SendLineOptions send;
    SmtpLineOptions smtp;
    std::uint64_t size = 99'999;  ///< LOG_QMAIL_SIZE
    std::size_t old_files = 10;   ///< LOG_QMAIL_NUM
};

class QmailSink final : public log::EventSink {
public:
    explicit QmailSink(QmailSettings settings);

    [[nodiscard]] bool wants(log::EventKind kind) const override;
    void post(std::span<const log::Event> events, const log::LogOptions& options) override;
    void flush() override;

private:
    multilog::LogDirectory& smtp_log(std::uint16_t port);

    const QmailSettings settings_;
    SendLedger ledger_;
    multilog::LogDirectory send_log_;
    std::mutex mutex_;  ///< guards the map; its directories look after themselves
    std::map<std::uint16_t, std::unique_ptr<multilog::LogDirectory>> smtp_logs_;
};

}  // namespace sluice::qmail_log
