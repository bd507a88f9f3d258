#include "policy/recipient.h"

#include "policy/pipeline.h"

namespace sluice::policy {

RecipientDecision decide_recipient(
    const config::Configuration& configuration,
    const RecipientProbe& probe,
    mapping::Answers& answers,
    Trace* trace
) {
    return Pipeline(configuration, probe, answers, trace).run();
}

}  // namespace sluice::policy
