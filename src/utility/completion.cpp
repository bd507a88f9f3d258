#include "utility/completion.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::utility {

namespace {

void offer_names(
    std::span<const Command> commands, std::string_view begun, std::vector<std::string>& found
) {
    for (const Command& command : commands) {
        if (starts_with_ignoring_case(command.name, begun)) found.emplace_back(command.name);
    }
}

/// "-fr" -> "-from=", "-nohea" -> "-noheading".
void offer_switches(
    const Command& command, std::string_view begun, std::vector<std::string>& found
) {
    for (const Switch& one : command.switches) {
        std::string name = '-' + std::string(one.name);
        const bool needs_value =
            one.value == Switch::Value::required || one.value == Switch::Value::structured;
        if (needs_value) name += '=';
        if (starts_with_ignoring_case(name, begun)) found.push_back(std::move(name));
        std::string negated = "-no" + std::string(one.name);
        // Negations only for those who have begun one: there are as many as switches.
        if (begun.size() > 2 && one.may_be_negated() && starts_with_ignoring_case(negated, begun))
            found.push_back(std::move(negated));
    }
}

}  // namespace

std::vector<std::string> completions(
    std::span<const Command> commands,
    const std::vector<std::string>& channels,
    std::string_view before_cursor
) {
    const std::size_t last_blank = before_cursor.find_last_of(" \t");
    const std::string_view begun =
        last_blank == std::string_view::npos ? before_cursor : before_cursor.substr(last_blank + 1);
    const Command* command = nullptr;
    for (const std::string_view word :
         split(before_cursor.substr(0, before_cursor.size() - begun.size()), ' ')) {
        if (trim(word).empty() || word.front() == '-') continue;
        const auto next = match_command(command == nullptr ? commands : command->subcommands, word);
        if (next.match != nullptr) {
            command = next.match;
        } else if (command == nullptr) {
            return {};
        }
    }
    std::vector<std::string> found;
    if (command == nullptr) {
        offer_names(commands, begun, found);
    } else if (begun.starts_with('-')) {
        offer_switches(*command, begun, found);
    } else {
        offer_names(command->subcommands, begun, found);
        for (const std::string& channel : channels) {
            if (command->most_parameters > 0 && starts_with_ignoring_case(channel, begun))
                found.push_back(channel);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace sluice::utility
