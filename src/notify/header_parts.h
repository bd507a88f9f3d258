#pragma once

#include <string>
#include <string_view>

// Pieces of the header fields of our own messages, from what came from outside. Pure.
namespace sluice::notify {

/// LF becomes CRLF; lines that are too long for mail are broken.
[[nodiscard]] std::string with_crlf(std::string_view text);

/// Identifiers from outside, without controls and angle brackets, at most 900 octets.
[[nodiscard]] std::string one_word(std::string_view text);

/// "<local@domain>"; a local part that is no dot-atom is quoted (RFC 5322 section 3.4.1).
[[nodiscard]] std::string header_address(std::string_view address);

/// A subject: as it is when ASCII, else in encoded words (RFC 2047 section 2).
[[nodiscard]] std::string encoded_text(std::string_view utf8);

/// The first "<...>" of a Message-ID that a header of ours may repeat; empty where there is none.
[[nodiscard]] std::string header_message_id(std::string_view value);

}  // namespace sluice::notify
