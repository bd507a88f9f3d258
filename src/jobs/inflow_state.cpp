#include "jobs/inflow_state.h"

#include <utility>

#include "base/bytes.h"

namespace sluice::jobs {

InflowState InflowState::parse(std::string_view text) {
    InflowState state;
    const auto lines = split(text, '\n');
    const auto words = split_words(lines[0]);
    if (words.size() != 2) return state;
    const auto changes = parse_unsigned(words[0]);
    const auto beat = parse_unsigned(words[1]);
    if (!changes || !beat) return state;
    state.changes = *changes;
    state.beat = *beat;
    // The last line has its end, or was cut short by a crash.
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
        if (!lines[i].empty()) state.channels.emplace_back(lines[i]);
    }
    return state;
}

std::string InflowState::to_text() const {
    std::string text = std::to_string(changes) + ' ' + std::to_string(beat) + '\n';
    for (const std::string& channel : channels) text += channel + '\n';
    return text;
}

std::string inflow_state_path(std::string_view run_directory) {
    return std::string(run_directory) + "inflow_state";
}

const std::vector<std::string>& FreshInflow::heard(InflowState state, MonoTime now) {
    if (!beaten_ || state.beat != state_.beat || state.changes != state_.changes) beaten_ = now;
    state_ = std::move(state);
    believed_ = now - *beaten_ < believed_for ? state_.channels : std::vector<std::string>();
    return believed_;
}

}  // namespace sluice::jobs
