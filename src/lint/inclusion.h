#pragma once

#include <optional>
#include <string>

#include "mapping/pattern.h"

namespace sluice::lint {

/// Whether every text that `narrow` matches is matched by `wide` too. Sound: true is certain; false
/// may also mean that it could not be found out (back-references, very large patterns).
bool covers(const mapping::Pattern& wide, const mapping::Pattern& narrow);

/// A text that the pattern matches; nullopt where none was found.
std::optional<std::string> sample_text(const mapping::Pattern& pattern);

}  // namespace sluice::lint
