#pragma once

#include <cstddef>
#include <string_view>

namespace sluice {

/// Length of the well-formed sequence at the start of `text` (RFC 3629 section 4), 1 for ASCII;
/// 0 where there is none: overlong forms, surrogates and what ends too early are not well-formed.
[[nodiscard]] std::size_t utf8_sequence_length(std::string_view text);
/// Whether every byte is below 0x80.
[[nodiscard]] bool is_ascii(std::string_view text);
/// Whether the whole text is well-formed UTF-8; ASCII is.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace sluice
