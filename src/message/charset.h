#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::message {

/// Text of a character set, named as in mail, as UTF-8; nullopt where nobody knows the set, or the
/// octets are none of it. Pure.
[[nodiscard]] std::optional<std::string> to_utf8(std::string_view charset, std::string_view bytes);

/// UTF-8 in a character set; characters that it lacks, and all but ASCII where nobody knows the
/// set, become "?".
[[nodiscard]] std::string from_utf8(std::string_view charset, std::string_view text);

}  // namespace sluice::message
