#include <algorithm>

#include "utility/command_line.h"

namespace sluice::utility {

namespace {

std::string shape_of(const Switch& what) {
    using Value = Switch::Value;
    std::string name = (what.may_be_negated() ? "-[no]" : "-") + std::string(what.name);
    switch (what.value) {
        case Value::none:
            return name;
        case Value::optional:
            return name + "[=value]";
        case Value::required:
        case Value::negatable:
            return name + "=value";
        case Value::structured:
            return name + "=(KEY=n,...)";
        case Value::word:
            return name + " value";
    }
    return name;
}

// "  left    right" with the right column starting at `width`.
std::string row(const std::string& left, std::string_view right, std::size_t width) {
    std::string out = "  " + left;
    out.append(width > left.size() ? width - left.size() : 1, ' ');
    return out + std::string(right) + '\n';
}

}  // namespace

std::string command_help(const Command& command, std::string_view name) {
    std::string usage = "imsimta " + std::string(name);
    if (!command.subcommands.empty()) {
        usage += command.run == nullptr ? " sub-command" : " [sub-command]";
    }
    if (!command.switches.empty()) usage += " [-switch ...]";
    if (!command.parameters.empty()) usage += ' ' + std::string(command.parameters);
    std::string out = usage + "\n\n  " + std::string(command.summary) + '\n';

    std::size_t width = 0;
    for (const auto& what : command.switches) width = std::max(width, shape_of(what).size() + 2);
    for (const auto& sub : command.subcommands) width = std::max(width, sub.name.size() + 2);
    if (!command.switches.empty()) out += "\nSwitches\n";
    for (const auto& what : command.switches) out += row(shape_of(what), what.help, width);
    if (!command.subcommands.empty()) out += "\nSub-commands\n";
    for (const auto& sub : command.subcommands) {
        out += row(std::string(sub.name), sub.summary, width);
    }
    return out;
}

}  // namespace sluice::utility
