#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/unique_fd.h"

namespace sluice {

/// One packet for the socket of syslogd: "<20>Nov 21 11:22:33 imta: text", of which `text` is at
/// most 8000 octets. `time` is shown as local time of the process. Pure.
[[nodiscard]] std::string syslog_packet(
    int priority, WallTime time, std::string_view ident, std::string_view text
);

/// LOG_MAIL for "mail", and so on; nullopt for what is no facility. Ignores case.
[[nodiscard]] std::optional<int> syslog_facility(std::string_view name);

/// Records on their way to syslogd. A thread of its own sends them, so that nobody waits for a
/// daemon that is slow, or absent: meanwhile records are kept, up to a limit, then dropped and
/// counted. Order is kept. The thread begins with the first record; make the object after the last
/// fork. Thread-safe.
class SyslogSender {
public:
    struct Settings {
        std::string socket_path = "/dev/log";
        std::string ident = "imta";
        std::size_t buffer_max = 64UL << 20U;        ///< octets kept while they cannot be sent
        std::chrono::milliseconds farewell{2000};    ///< for what is left at the end
        std::chrono::milliseconds retry_after{500};  ///< after a failure
    };

    explicit SyslogSender(Settings settings);
    SyslogSender(const SyslogSender&) = delete;
    SyslogSender& operator=(const SyslogSender&) = delete;
    /// Sends what is left, as long as Settings::farewell allows.
    ~SyslogSender();

    /// `priority`: facility | level, as in syslog(3).
    void post(int priority, std::string_view text);
    /// Records thrown away because the buffer was full.
    [[nodiscard]] std::uint64_t dropped() const;

private:
    void run();
    /// Sends one packet. False: not now.
    bool send(const std::string& packet);
    bool connect();
    void note_outcome(bool sent);

    const Settings settings_;
    UniqueFd socket_;       // of the thread
    bool failing_ = false;  // likewise

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<std::string> packets_;
    std::size_t octets_ = 0;
    std::uint64_t dropped_ = 0;
    bool ending_ = false;
    MonoTime give_up_{};
    std::thread thread_;
};

}  // namespace sluice
