#pragma once

#include <string>
#include <string_view>

namespace sluice::message {

/// An unfolded header value as people read it: encoded words (RFC 2047) become UTF-8, blanks
/// between two of them go. Words that are not well-formed, or whose charset nobody knows, stay as
/// they are. Other bytes stay too: the result is for display, through something that cleans it.
[[nodiscard]] std::string decoded_text(std::string_view value);

}  // namespace sluice::message
