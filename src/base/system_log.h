#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// The machine's own log, for what its operators asked to read there. Thread-safe.
class SystemLog {
public:
    SystemLog() = default;
    SystemLog(const SystemLog&) = delete;
    SystemLog& operator=(const SystemLog&) = delete;
    virtual ~SystemLog() = default;
    /// One line of facility user, level notice. Never waits: a log that does not take it loses it.
    virtual void notice(std::string_view text) = 0;
};

/// Writes to the socket of syslogd. syslog(3) does the same, but waits as long as the daemon's
/// socket is full, which would stop every session of the thread.
class SyslogSocket final : public SystemLog {
public:
    explicit SyslogSocket(std::string path);
    void notice(std::string_view text) override;

private:
    std::string path_;
};

/// That of this machine.
SystemLog& system_log();

}  // namespace sluice
