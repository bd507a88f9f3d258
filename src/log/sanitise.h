#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// The one gate between foreign bytes and a log line (logging.md section 9): controls never pass,
// bytes from 0x80 up pass only as well-formed UTF-8 where that is asked for, everything else of
// that kind becomes \xHH. Longer text is cut, never inside an escape or a UTF-8 sequence, and "..."
// appended. Applying a function twice changes nothing more (lengths aside). Pure.
namespace sluice::log {

// Lengths in bytes of the sanitised text, before the "...".
constexpr std::size_t max_command = 252;
constexpr std::size_t max_host = 255;
constexpr std::size_t max_ident = 64;
constexpr std::size_t max_address = 1024;
constexpr std::size_t max_message_id = 998;
constexpr std::size_t max_banner = 252;
constexpr std::size_t max_diagnostic = 1024;
constexpr std::size_t max_header_value = 1000;
constexpr std::size_t max_line = 8192;

/// Free text: blanks stay, CR LF becomes one blank.
[[nodiscard]] std::string sanitise_text(std::string_view text, std::size_t limit);
/// A single word (host name, user name, application): blanks become \x20.
[[nodiscard]] std::string sanitise_word(std::string_view text, std::size_t limit);
/// An envelope address: blanks stay only inside a quoted string that is closed.
[[nodiscard]] std::string sanitise_address(std::string_view text, bool utf8_allowed);
/// Up to and including the first '>'; blanks become \x20.
[[nodiscard]] std::string sanitise_message_id(std::string_view text);
/// A rejected command. Of AUTH only the mechanism is kept: the rest may be a password.
[[nodiscard]] std::string sanitise_command(std::string_view text);
/// Cuts `line` at `limit` without splitting a UTF-8 sequence and appends "..."; short lines stay.
void cut_line(std::string& line, std::size_t limit);

}  // namespace sluice::log
