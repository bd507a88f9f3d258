#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tracking/stamp.h"

namespace sluice::tracking {

/// The line of Post.Office or qmail that `logconv -json` made this object of (elements "po", "qs",
/// "qd" and "rc", rendering.h); nullopt for anything else, and where the line would not be one. A
/// stamp that was converted on the way is written as its dialect has it. Pure.
[[nodiscard]] std::optional<std::string> line_of_foreign_json(
    std::string_view text, const StampSettings& settings
);

}  // namespace sluice::tracking
