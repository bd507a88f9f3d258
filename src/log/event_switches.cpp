#include "log/event_switches.h"

#include "base/bytes.h"

namespace sluice::log {

EventSwitches EventSwitches::parse(
    std::string_view text, std::span<const Name> names, std::vector<std::string>* unknown
) {
    EventSwitches switches;
    const std::string_view list = trim(text);
    if (!list.empty() && list.front() != '-') switches.entries_.reset();
    for (std::string_view word : split(list, ',')) {
        word = trim(word);
        if (word.empty()) continue;
        const bool on = word.front() != '-';
        const std::string_view name = on ? word : trim(word.substr(1));
        if (equals_ignoring_case(name, "all")) {
            on ? switches.entries_.set() : switches.entries_.reset();
            continue;
        }
        bool found = false;
        for (const Name& known : names) {
            if (!equals_ignoring_case(known.text, name)) continue;
            found = true;
            switches.entries_.set(known.entry, on);
        }
        if (!found && unknown != nullptr) unknown->emplace_back(name);
    }
    return switches;
}

}  // namespace sluice::log
