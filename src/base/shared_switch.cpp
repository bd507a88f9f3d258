#include "base/shared_switch.h"

#include "base/bytes.h"
#include "base/shared_text.h"

namespace sluice {

SharedSwitch SharedSwitch::parse(std::string_view text) {
    SharedSwitch read;
    const auto words = split_words(text.substr(0, text.find('\n')));
    if (words.size() != 2 || (words[0] != "on" && words[0] != "off")) return read;
    const auto changes = parse_unsigned(words[1]);
    if (!changes) return read;
    return {words[0] == "on", *changes};
}

std::string SharedSwitch::to_text() const {
    return (on ? "on " : "off ") + std::to_string(changes) + '\n';
}

Result<void> set_shared_switch(const std::string& path, bool on) {
    return change_shared_text(path, [on](std::string_view text) {
        SharedSwitch state = SharedSwitch::parse(text);
        if (state.on != on) ++state.changes;
        state.on = on;
        return state.to_text();
    });
}

}  // namespace sluice
