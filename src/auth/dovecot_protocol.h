#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The protocol between Dovecot's authentication service and its clients, version 1
// (https://doc.dovecot.org, "Dovecot Authentication Protocol"). Lines of fields between tabs. Pure.
namespace sluice::auth::dovecot {

inline constexpr std::size_t longest_line = 16384;  ///< octets, as the protocol has it

/// A line without its end, taken apart, with the escapes of each field undone.
std::vector<std::string> fields_of(std::string_view line);
/// The other way round.
std::string line_of(const std::vector<std::string>& fields);

/// What the service says at the start.
struct Handshake {
    bool version = false;  ///< it speaks our major version
    bool done = false;
    std::vector<std::string> mechanisms;  ///< in capitals
    std::string fault;                    ///< not empty: it cannot be spoken to

    void take(std::string_view line);
};

/// What it says about one request.
struct Reply {
    enum class Kind : std::uint8_t { ok, fail, go_on };
    Kind kind = Kind::fail;
    std::string user;        ///< ok; of a failure where it is known
    std::string response;    ///< octets for the client: of go_on, or with ok
    std::string reason;      ///< of a failure
    bool temporary = false;  ///< of a failure: nobody knows now
    bool disabled = false;
};
/// nullopt: the line is about something else, or nonsense.
std::optional<Reply> parse_reply(std::string_view line, std::string_view request_id);

}  // namespace sluice::auth::dovecot
