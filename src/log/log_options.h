#pragma once

#include <cstdint>
#include <string>

namespace sluice::log {

/// LOG_CONNECTION bits (logging.md section 4).
namespace connection_bit {
constexpr unsigned information = 1;  ///< source system or remote host in message entries
constexpr unsigned sessions = 2;     ///< O C X Y T entries
constexpr unsigned etrn = 4;         ///< I entries
constexpr unsigned access_text = 16;
constexpr unsigned transport = 32;
constexpr unsigned application = 64;
constexpr unsigned authentication = 128;  ///< U entries
}  // namespace connection_bit

/// The LOG_* options as they stand in the option file; a channel option (LOG_CONNECTION) is applied
/// by changing a copy. A plain value.
struct LogOptions {
    int format = 1;             ///< LOG_FORMAT
    unsigned connection = 0;    ///< LOG_CONNECTION, mask
    unsigned diagnostics = 1;   ///< LOG_DIAGNOSTICS, mask; bit 0 counts here
    unsigned intermediate = 0;  ///< LOG_INTERMEDIATE, mask; bit 0
    unsigned reason = 0;        ///< LOG_REASON, mask; bit 0
    unsigned remote_mta = 0;    ///< LOG_REMOTE_MTA, mask; bit 0
    bool envelope_id = false;
    bool filename = false;
    bool filter = false;
    bool hold = false;
    bool local = false;
    bool message_id = false;
    bool modifiers = false;
    bool node = false;
    bool notary = false;
    bool priority = false;
    bool process = false;
    bool queue_time = false;
    bool sensitivity = false;
    bool session = false;  ///< LOG_SESSION
    bool timing = false;   ///< LOG_TIMING
    bool username = false;
    bool mail_commands = false;       ///< LOG_COMMANDS: M entries
    bool recipient_commands = false;  ///< LOG_COMMANDS: N entries
    bool separate_connection_log = false;
    std::int64_t messages_syslog = 0;     ///< LOG_MESSAGES_SYSLOG; negative: not in the file
    std::int64_t connections_syslog = 0;  ///< LOG_CONNECTIONS_SYSLOG
    std::uint64_t block_size = 1024;      ///< BLOCK_SIZE, bytes
    std::string local_host;               ///< official local host name, for LOG_LOCAL

    friend bool operator==(const LogOptions&, const LogOptions&) = default;
};

}  // namespace sluice::log
