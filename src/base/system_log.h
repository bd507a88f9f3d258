#pragma once

#include <cstddef>
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
    /// The same with another priority (facility | level) and name in front.
    virtual void write(int, std::string_view, std::string_view text) { notice(text); }
};

/// Writes to the socket of syslogd. syslog(3) does the same, but waits as long as the daemon's
/// socket is full, which would stop every session of the thread.
class SyslogSocket final : public SystemLog {
public:
    /// What syslogd takes as one record everywhere (RFC 3164 section 4.1), and what those of today
    /// take unless told otherwise; octets.
    static constexpr std::size_t usual_record = 1024;
    static constexpr std::size_t long_record = 8192;

    explicit SyslogSocket(std::string path, std::size_t longest = usual_record);
    void set_path(std::string path) { path_ = std::move(path); }
    void notice(std::string_view text) override;
    void write(int priority, std::string_view ident, std::string_view text) override;

private:
    std::string path_;
    std::size_t longest_;  ///< octets of a record; the rest is cut off
};

/// That of this machine, unless use_system_log() named another socket.
SystemLog& system_log();
/// Once, before threads start.
void use_system_log(const std::string& socket_path);

}  // namespace sluice
