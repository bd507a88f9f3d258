#include <algorithm>

#include "utility/utilities.h"
#include "utility/utility.h"

// imsimta help: the utilities, or the switches of one.
namespace sluice::utility {

namespace {

void list_utilities(Console& console) {
    std::size_t width = 0;
    for (const auto& utility : all_utilities()) width = std::max(width, utility.name.size());
    console.line("imsimta utility [sub-command] [-switch[=value] ...] [parameter ...]");
    console.line("");
    for (const auto& utility : all_utilities()) {
        std::string name(utility.name);
        name.resize(width + 2, ' ');
        console.line("  " + name + std::string(utility.summary));
    }
    console.line("");
    console.line("imsimta help utility [sub-command] tells more.");
}

ExitCode unknown(Console& console, const std::string& word, std::span<const Command* const> near) {
    std::string text = near.empty() ? "no help on " + word : word + " is ambiguous:";
    for (const Command* candidate : near) text += ' ' + std::string(candidate->name);
    console.error("IMTA", near.empty() ? "UNKVERB" : "AMBIG", text);
    return ExitCode::usage;
}

ExitCode run(Invocation& invocation) {
    const auto& words = invocation.line().parameters();
    if (words.empty()) {
        list_utilities(invocation.console());
        return ExitCode::done;
    }
    std::span<const Command> commands = all_utilities();
    const Command* command = nullptr;
    std::string name;
    for (const auto& word : words) {
        const auto found = match_command(commands, word);
        if (found.match == nullptr) return unknown(invocation.console(), word, found.candidates);
        command = found.match;
        commands = command->subcommands;
        name += (name.empty() ? "" : " ") + std::string(command->name);
    }
    invocation.console().out() << command_help(*command, name);
    return ExitCode::done;
}

}  // namespace

const Command help_command = {
    .name = "help",
    .summary = "list the utilities, or explain one",
    .parameters = "[utility [sub-command]]",
    .switches = {},
    .most_parameters = any_number,
    .run = run,
};

}  // namespace sluice::utility
