#include "policy/recipient.h"

#include "policy/pipeline.h"
#include "policy/postmaster.h"
#include "policy/traced.h"

namespace sluice::policy {

RecipientDecision decide_recipient(
    const config::Configuration& configuration,
    const RecipientProbe& probe,
    mapping::Answers& answers,
    Trace* trace
) {
    auto decision =
        with_answers_traced<RecipientDecision>(answers, trace, [&](mapping::Answers& source) {
            return Pipeline(configuration, probe, source, trace).run();
        });
    if (probe.sender.empty()) fill_null_sender(configuration, decision.destinations);
    return decision;
}

}  // namespace sluice::policy
