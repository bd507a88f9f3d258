#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sluice::access {

/// Octets of one reply line, line end included (RFC 5321 section 4.5.3.1.5).
constexpr std::size_t reply_line_limit = 512;

/// A complete SMTP reply that refuses something.
struct Reply {
    int code = 0;
    StatusCode status{5, 7, 1};
    std::vector<std::string> lines;  ///< as they go to the client, without line ends

    [[nodiscard]] bool empty() const { return lines.empty(); }
    /// All lines, CRLF behind each.
    [[nodiscard]] std::string to_wire() const;
};

/// "code status text: address" on one line; control characters become blanks, and the text is cut
/// so that the line keeps within the limit. Without an address the colon is left out as well.
Reply make_reply(
    int code, const StatusCode& status, std::string_view text, std::string_view address
);

/// What a refused connection is told. Text that begins with three digits stands as it is, other
/// text gets "500 5.7.1 " in front, no text is a neutral line; `~` begins a further line.
Reply make_connection_reply(std::string_view text);

/// Control characters as blanks.
std::string without_controls(std::string_view text);

}  // namespace sluice::access
