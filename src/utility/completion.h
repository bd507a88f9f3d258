#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "utility/command_line.h"

namespace sluice::utility {

/// What the last word of a line that is being typed may become: a command, a sub-command, a switch
/// of the command before it (with its "=" where a value must follow), a channel. All begin with
/// that word, whatever its case; sorted. Pure.
std::vector<std::string> completions(
    std::span<const Command> commands,
    const std::vector<std::string>& channels,
    std::string_view before_cursor
);

}  // namespace sluice::utility
