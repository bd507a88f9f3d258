#include "policy/recipient.h"

#include "policy/pipeline.h"
#include "policy/traced.h"

namespace sluice::policy {

RecipientDecision decide_recipient(
    const config::Configuration& configuration,
    const RecipientProbe& probe,
    mapping::Answers& answers,
    Trace* trace
) {
    return with_answers_traced<RecipientDecision>(answers, trace, [&](mapping::Answers& source) {
        return Pipeline(configuration, probe, source, trace).run();
    });
}

}  // namespace sluice::policy
