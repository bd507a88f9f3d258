#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::utility {

/// A line typed at a prompt, taken apart as a shell would do it: words between blanks; text in
/// single or double quotes belongs together. nullopt where a quote is not closed.
std::optional<std::vector<std::string>> split_command_line(std::string_view line);
/// The inverse, for the audit log: quotes where they are needed.
std::string join_command_line(const std::vector<std::string>& words);

}  // namespace sluice::utility
