#pragma once

#include <string>

#include "policy/decision.h"

namespace sluice::test {

/// Everything a decision says, in one text, to compare decisions.
inline std::string text_of(const policy::RecipientDecision& decision) {
    std::string out = "rewritten " + decision.rewritten + '\n';
    if (decision.refusal) out += "refused " + decision.refusal->to_string() + '\n';
    for (const policy::Destination& one : decision.destinations) {
        out += one.address + " channel " + one.channel + " host " + one.host + " intermediate " +
               one.intermediate + " held " + one.hold_reason + " from " +
               one.envelope_from.value_or("-") + " edits " +
               std::to_string(one.header_edits.size()) + '\n';
    }
    return out + "access " + decision.access.to_debug_string() + '\n';
}

inline std::string text_of(const policy::SenderDecision& decision) {
    std::string out = "sender " + decision.address + '\n';
    if (decision.refusal) out += "refused " + decision.refusal->to_string() + '\n';
    return out + "access " + decision.access.to_debug_string() + '\n';
}

inline std::string text_of(const policy::Trace& trace) {
    std::string out;
    for (const policy::TraceEntry& entry : trace) out += entry.to_string() + '\n';
    return out;
}

}  // namespace sluice::test
