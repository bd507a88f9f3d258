#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "base/ip_address.h"

// Protocol dialogues in component logs. Pure.
namespace sluice::log {

/// A line of a dialogue without its line end, as a debug log shows it: of AUTH only the mechanism
/// (the rest may be a password), and at most 1024 octets. Control octets are the log's business.
[[nodiscard]] std::string dialogue_line(std::string_view line);

/// What of a dialogue may be shown, line by line: of AUTH the mechanism, and of what follows until
/// the server's last word about it neither challenges nor responses (RFC 4954 section 4); where
/// that is no success, nothing either until the client says a command that SMTP has: some send
/// their password whatever they are answered. A client that does not wait for replies is no
/// exception: each command is held against its own reply. One connection; commands and replies in
/// the order in which they were seen, no message content.
class DialogueMask {
public:
    /// A line of the client without its line end.
    [[nodiscard]] std::string client_line(std::string_view line);
    [[nodiscard]] std::string server_line(std::string_view line);
    /// Whether the client's last line held what may not be shown.
    [[nodiscard]] bool hides_client_line() const { return hides_; }

private:
    [[nodiscard]] bool in_authentication() const;

    /// Commands without a reply yet, true for AUTH; the first is the connection's greeting.
    std::deque<bool> awaited_{false};
    bool challenged_ = false;
    bool after_auth_ = false;  ///< that gave no access
    bool hides_ = false;
};

/// Whether DEBUG_PEER names the address: addresses between commas or blanks, each with or without
/// "/bits". What is no address matches nobody.
[[nodiscard]] bool is_debug_peer(std::string_view option, const IpAddress& peer);

}  // namespace sluice::log
