#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

// Pieces of qmail's log lines (postoffice-and-qmail-features.md section 5.3). Pure.
namespace sluice::qmail_log {

/// What stands in front of each line.
enum class Stamp { tai64n, none };

/// "@40000000433225833b6e1a8c " or nothing.
[[nodiscard]] std::string stamp_text(Stamp stamp, WallTime time);

/// Text from outside as one word: blanks become "_", line ends "/", everything else that is not
/// printable ASCII "?". Nothing in it can end a line, nor begin another.
[[nodiscard]] std::string cleaned(std::string_view text);
/// The same for text that stands at the end of a line: blanks stay.
[[nodiscard]] std::string cleaned_text(std::string_view text);

}  // namespace sluice::qmail_log
