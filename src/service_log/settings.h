#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "service_log/line.h"

namespace sluice::service_log {

/// logfile.<service>.*: how one service logs. A plain value.
struct ServiceSettings {
    std::optional<Level> threshold = Level::notice;  ///< loglevel; nullopt: nolog
    std::string directory;                           ///< logdir, with or without a final "/"
    std::uint64_t max_files = 10;                    ///< maxlogfiles
    std::uint64_t max_file_size = 2097152;           ///< maxlogfilesize, bytes
    std::uint64_t max_total_size = 20971520;         ///< maxlogsize, bytes
    std::uint64_t min_free_space = 5242880;          ///< minfreediskspace, bytes
    std::chrono::seconds rollover_time{86400};       ///< rollovertime
    std::chrono::seconds expiry_time{604800};        ///< expirytime
    std::uint64_t buffer_size = 0;                   ///< buffersize, bytes; 0: every line at once
    std::chrono::seconds flush_interval{60};         ///< flushinterval, for a buffer
    std::optional<int> syslog_facility;  ///< syslogfacility, shifted; then no file is written

    [[nodiscard]] bool logs(Level level) const { return threshold && level <= *threshold; }
};

/// local.msgtrace.active: where what happens to messages in the store is noted.
enum class MessageTrace : std::uint8_t {
    off,
    service,  ///< in the log of the service that does it
    single    ///< in the log msgtrace
};

/// All service logs of an instance.
struct Settings {
    std::string log_directory;                                     ///< of services without logdir
    std::map<std::string, ServiceSettings, std::less<>> services;  ///< those that were configured
    MessageTrace message_trace = MessageTrace::off;

    /// What was configured, or the defaults.
    [[nodiscard]] ServiceSettings of(std::string_view service) const;
};

/// Facility of syslog(3), shifted, by its name: user, mail, daemon, local0 to local7.
[[nodiscard]] std::optional<int> parse_facility(std::string_view name);

}  // namespace sluice::service_log
