#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

// The formatter behind `imsimta cnbuild -format`: columns are aligned, blanks at line ends go. No
// line comes or goes, so places in old messages stay true; comments, includes and continued lines
// stay octet for octet.
namespace sluice::lint {

enum class Language : std::uint8_t { imta_cnf, mappings };

/// The text in its usual form. Idempotent. An Error: what came out would not mean the same, which
/// is a fault of the formatter; the text must stay as it is then.
Result<std::string> format(Language language, std::string_view text);

/// Everything in a text that means something, one item a line; equal for texts that say the same.
std::string meaning(Language language, std::string_view text);

}  // namespace sluice::lint
