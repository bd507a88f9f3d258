#pragma once

#include <optional>
#include <string>
#include <string_view>

// Headers that commands write. Pure.
namespace sluice::converter {

/// Longest header taken from a file of a command, octets.
inline constexpr std::size_t max_header_file = 1024UL * 1024;

/// The fields in a text with any line ends, up to its first blank line, with CRLF. nullopt where a
/// line is neither a field nor the continuation of one, or holds a NUL: such a text is not used.
std::optional<std::string> header_of_file(std::string_view text);

/// The header of a message with the fields of `given` in it: fields of the same name and all
/// Content- fields go, the others stay, so that a command that writes the header of a part cannot
/// lose the message its From and To.
std::string merged_into_message_header(std::string_view header, std::string_view given);

}  // namespace sluice::converter
