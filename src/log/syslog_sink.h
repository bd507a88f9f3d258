#pragma once

#include <cstdint>
#include <string>

#include "base/syslog_sender.h"
#include "base/time_zone.h"
#include "log/sink.h"

namespace sluice::log {

/// The priority argument of syslog(3) for an option value: its absolute value, with `facility`
/// where it names none. Pure.
[[nodiscard]] int syslog_priority(std::int64_t value, int facility);

/// Entries of mail.log and connection.log as records of the machine's log
/// (LOG_MESSAGES_SYSLOG, LOG_CONNECTIONS_SYSLOG; logging.md section 8): the text of the line,
/// without its line end. Never waits for the daemon.
class SyslogSink final : public EventSink {
public:
    /// `facility`: for priorities without one, as LOG_MAIL.
    SyslogSink(SyslogSender::Settings settings, int facility, TimeZone zone)
        : sender_(std::move(settings)), facility_(facility), zone_(std::move(zone)) {}

    /// Only what mail.log would have.
    [[nodiscard]] bool wants(EventKind) const override { return false; }
    void post(std::span<const Event> events, const LogOptions& options) override;
    void flush() override {}

private:
    SyslogSender sender_;
    const int facility_;
    const TimeZone zone_;
};

}  // namespace sluice::log
