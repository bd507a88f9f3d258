#include "policy/decision.h"

namespace sluice::policy {

std::string Refusal::to_string() const {
    return std::to_string(code) + ' ' + status.to_string() + ' ' + text;
}

std::string_view to_string(TraceEntry::Stage stage) {
    using Stage = TraceEntry::Stage;
    switch (stage) {
        case Stage::completed:
            return "completed";
        case Stage::source:
            return "source";
        case Stage::rewriting:
            return "rewriting";
        case Stage::reversal:
            return "reversal";
        case Stage::access:
            return "access";
        case Stage::alias:
            return "alias";
        case Stage::list:
            return "list";
        case Stage::user:
            return "user";
        case Stage::destination:
            return "destination";
        case Stage::conversion:
            return "conversion";
        case Stage::refusal:
            return "refusal";
        case Stage::answers:
            break;
    }
    return "answers";
}

std::string TraceEntry::to_string() const {
    std::string out = text;
    if (where.file) out += " (" + where.to_string() + ')';
    for (const Tried& each : tried) {
        out += "\n    not in the " + std::string(each.place) + ':';
        for (const std::string& each_key : each.keys) out += ' ' + each_key;
    }
    for (const rewrite::TraceStep& step : rewrite_steps) out += "\n    " + step.to_debug_string();
    for (const mapping::TraceStep& step : mapping_steps) out += "\n    " + step.to_string();
    for (const auto& look_up : look_ups) out += "\n    " + look_up.to_string();
    return out;
}

}  // namespace sluice::policy
