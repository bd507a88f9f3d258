#pragma once

#include "mapping/recorded_answers.h"
#include "policy/decision.h"

namespace sluice::policy {

/// Calls `decide` with answers that end up in the trace, as its last entry, so that the decision
/// can be repeated from it. Without a trace they are passed on as they are.
template <class Decision, class Decide>
Decision with_answers_traced(mapping::Answers& answers, Trace* trace, Decide decide) {
    if (trace == nullptr) return decide(answers);
    mapping::RecordingAnswers recording(answers);
    Decision decision = decide(recording);
    TraceEntry entry;
    entry.stage = TraceEntry::Stage::answers;
    entry.text = recording.recorded().empty() ? "nothing was asked outside" : "asked outside";
    if (recording.truncated()) entry.text += ", not all kept";
    entry.look_ups = recording.recorded();
    trace->push_back(std::move(entry));
    return decision;
}

}  // namespace sluice::policy
