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

/// Appends free text to `out`: blanks stay, CR LF becomes one blank.
void add_text(std::string& out, std::string_view text, std::size_t limit);
/// Appends a single word (host name, user name, application): blanks become \x20.
void add_word(std::string& out, std::string_view text, std::size_t limit);
/// Appends an envelope address: blanks stay only inside a quoted string that is closed.
void add_address(std::string& out, std::string_view text, bool utf8_allowed);
/// Appends up to and including the first '>'; blanks become \x20.
void add_message_id(std::string& out, std::string_view text);

/// The same, one text alone.
[[nodiscard]] std::string sanitise_text(std::string_view text, std::size_t limit);
[[nodiscard]] std::string sanitise_word(std::string_view text, std::size_t limit);
[[nodiscard]] std::string sanitise_address(std::string_view text, bool utf8_allowed);
[[nodiscard]] std::string sanitise_message_id(std::string_view text);
/// A rejected command. Of AUTH only the mechanism is kept: the rest may be a password.
[[nodiscard]] std::string sanitise_command(std::string_view text);
/// Cuts what `out` has from `start` on at `limit` octets, without splitting a UTF-8 sequence, and
/// appends "..."; what is short stays.
void cut_line(std::string& out, std::size_t start, std::size_t limit);

}  // namespace sluice::log
