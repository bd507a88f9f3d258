#include "policy/decision.h"

namespace sluice::policy {

std::string Refusal::to_string() const {
    return std::to_string(code) + ' ' + status.to_string() + ' ' + text;
}

std::string TraceEntry::to_string() const {
    std::string out = text;
    for (const rewrite::TraceStep& step : rewrite_steps) out += "\n    " + step.to_debug_string();
    for (const mapping::TraceStep& step : mapping_steps) out += "\n    " + step.to_string();
    return out;
}

}  // namespace sluice::policy
