#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/datagram_sender.h"

namespace sluice {

/// One packet for the socket of syslogd: "<20>Nov 21 11:22:33 imta: text", of which `text` is at
/// most 8000 octets. `time` is shown as local time of the process. Pure.
[[nodiscard]] std::string syslog_packet(
    int priority, WallTime time, std::string_view ident, std::string_view text
);

/// LOG_MAIL for "mail", and so on; nullopt for what is no facility. Ignores case.
[[nodiscard]] std::optional<int> syslog_facility(std::string_view name);

/// Records on their way to syslogd, which nobody waits for (base/datagram_sender.h). Thread-safe.
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

    /// `priority`: facility | level, as in syslog(3).
    void post(int priority, std::string_view text);
    /// Records thrown away because the buffer was full.
    [[nodiscard]] std::uint64_t dropped() const { return sender_.dropped(); }

private:
    const std::string ident_;
    DatagramSender sender_;
};

}  // namespace sluice
