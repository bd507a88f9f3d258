#include "channel/keyword.h"
#include "policy/recipient.h"
#include "policy/refusal.h"
#include "policy/reversal.h"
#include "policy/rewriting.h"
#include "policy/traced.h"

namespace sluice::policy {

namespace {

/// The form that access tables and lists know: reversed, for no channel in particular (spec page
/// access-control, section 2).
Result<std::string> reversed_sender(
    const config::Configuration& configuration,
    const SenderProbe& probe,
    SenderDecision& decision,
    mapping::Answers& answers,
    Trace* trace
) {
    const channel::Channel* local = configuration.imta.channels.local();
    const CopyContext copy{
        configuration,
        *probe.source,
        local != nullptr ? *local : *probe.source,
        {probe.client_name, probe.authenticated_from},
        answers,
        trace,
        &decision.warnings};
    return reverse_address(
        copy, AddressKind::envelope_from, ReversalTime::after_rewriting, decision.address
    );
}

SenderDecision decide(
    const config::Configuration& configuration,
    const SenderProbe& probe,
    mapping::Answers& answers,
    Trace* trace
) {
    SenderDecision decision;
    std::string why;
    const std::string completed = complete_address(
        configuration, *probe.source, AddressKind::envelope_from, probe.address,
        {probe.client_name, probe.authenticated_from}, trace != nullptr ? &why : nullptr
    );
    if (trace != nullptr) {
        trace->push_back(
            {TraceEntry::Stage::completed,
             "sender <" + probe.address + "> is taken as <" + completed + ">: " + why,
             {},
             {}}
        );
    }
    decision.address = decision.completed = completed;
    if (!completed.empty()) {
        const rewrite::Outcome outcome = rewrite_traced(
            configuration, *probe.source, AddressKind::envelope_from, completed, answers,
            {TraceEntry::Stage::rewriting, "rewriting sender ", trace, &decision.warnings}
        );
        // A sender that cannot be rewritten is left as it is (spec page imta-cnf, section 4.9).
        const bool has_host = outcome.ok() && !split_address(outcome.address).domain.empty();
        if (has_host) decision.address = outcome.address;
    }
    if (!decision.address.empty()) {
        auto reversed = reversed_sender(configuration, probe, decision, answers, trace);
        if (!reversed) {
            decision.refusal = make_refusal({4, 4, 3}, "temporary look-up failure", probe.address);
            return decision;
        }
        decision.address = std::move(*reversed);
    }
    access::Sender sender;
    sender.source_channel = probe.source->name();
    sender.address = decision.address;
    sender.authenticated_from = probe.authenticated_from;
    sender.given = probe.address;
    mapping::Trace steps;
    const access::Options options = access_options(configuration);
    const access::Context context{
        configuration.mappings, options, answers, trace != nullptr ? &steps : nullptr};
    decision.access = access::check_from(context, probe.session, sender);
    if (trace != nullptr) {
        trace->push_back(
            {TraceEntry::Stage::access,
             "FROM_ACCESS: " + decision.access.to_debug_string(),
             {},
             steps.steps()}
        );
    }
    if (decision.access.pending) {
        decision.refusal = make_refusal({4, 4, 3}, "temporary look-up failure", probe.address);
    } else if (decision.access.refused()) {
        decision.refusal = refusal_from(decision.access.reply);
    } else if (decision.access.new_from) {
        decision.address = decision.completed = *decision.access.new_from;
    }
    const bool may_set_sender = probe.source->integer(channel::Keyword::authrewrite, 0) != 0;
    if (!decision.refusal) decision.effects.take_sender(decision.access, may_set_sender);
    return decision;
}

}  // namespace

SenderDecision decide_sender(
    const config::Configuration& configuration,
    const SenderProbe& probe,
    mapping::Answers& answers,
    Trace* trace
) {
    return with_answers_traced<SenderDecision>(answers, trace, [&](mapping::Answers& source) {
        return decide(configuration, probe, source, trace);
    });
}

}  // namespace sluice::policy
