#pragma once

#include <string_view>

namespace sluice::utility {

/// Whether the pattern covers the whole text: `*` is any run of characters, `?` and `%` any one.
/// ASCII letters compare without regard to case. Time: at most the product of the lengths.
[[nodiscard]] bool matches_wildcard(std::string_view pattern, std::string_view text);
/// Whether the text has wildcards at all.
[[nodiscard]] bool has_wildcard(std::string_view text);
/// Whether `part` occurs in `text`, without regard to case.
[[nodiscard]] bool contains_ignoring_case(std::string_view text, std::string_view part);

}  // namespace sluice::utility
