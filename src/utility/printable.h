#pragma once

#include <string>
#include <string_view>

namespace sluice::utility {

/// Text from outside in a form that cannot drive a terminal or break a line: control characters
/// (C0, DEL, C1) and octets that are not valid UTF-8 become \xHH, and "\" is doubled so that the
/// result is unambiguous. The result is valid UTF-8.
std::string printable_text(std::string_view text);

}  // namespace sluice::utility
