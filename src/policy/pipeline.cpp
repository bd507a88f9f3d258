#include "policy/pipeline.h"

#include "channel/keyword.h"
#include "policy/refusal.h"
#include "policy/rewriting.h"

namespace sluice::policy {

using channel::Keyword;
using config::OptionId;

Pipeline::Pipeline(
    const config::Configuration& configuration,
    const RecipientProbe& probe,
    mapping::Answers& answers,
    Trace* trace
)
    : configuration_(configuration),
      probe_(probe),
      answers_(answers),
      trace_(trace),
      access_options_(access_options(configuration)),
      work_(configuration.aliases, lookup_rules(configuration)) {}

RecipientDecision Pipeline::run() {
    const std::string first = complete_address(
        configuration_, *probe_.source, AddressKind::envelope_to, probe_.address, probe_.client_name
    );
    note(TraceEntry::Stage::completed, probe_.address + " is taken as " + first);
    work_.start(first);
    while (const auto item = work_.next()) {
        take(*item);
        if (decision_.refusal) return std::move(decision_);
    }
    if (decision_.destinations.empty() && first_failure_) {
        refuse(*first_failure_);
    } else if (decision_.destinations.empty()) {
        refuse(make_refusal(
            {5, 1, 1}, configuration_.options.text(OptionId::error_text_unknown_alias), given()
        ));
    }
    return std::move(decision_);
}

void Pipeline::note(TraceEntry::Stage stage, std::string text) {
    if (trace_ != nullptr) trace_->push_back({stage, std::move(text), {}, {}});
}

void Pipeline::refuse(Refusal refusal) {
    note(TraceEntry::Stage::refusal, refusal.to_string());
    decision_.refusal = std::move(refusal);
}

void Pipeline::fail(const alias::Worklist::Item& item, Refusal refusal) {
    if (item.chain.depth() == 0 || !refusal.is_permanent()) {
        refuse(std::move(refusal));
        return;
    }
    note(TraceEntry::Stage::refusal, item.address + " left out: " + refusal.to_string());
    if (!first_failure_) first_failure_ = std::move(refusal);
}

void Pipeline::take(const alias::Worklist::Item& item) {
    const bool presented = item.chain.depth() == 0;
    // Members of aliases without a host are names of this system, whoever sent the message.
    const std::string address = presented ? item.address : completed_member(item.address);
    rewrite::Trace steps;
    const rewrite::Outcome outcome = rewrite_address(
        configuration_, *probe_.source, AddressKind::envelope_to, address, answers_,
        trace_ != nullptr ? &steps : nullptr
    );
    if (trace_ != nullptr) {
        trace_->push_back(
            {TraceEntry::Stage::rewriting, "rewriting " + address, std::move(steps), {}}
        );
    }
    if (!outcome.ok()) {
        fail(item, make_refusal(outcome.failure->status, outcome.failure->text, given()));
        return;
    }
    const channel::Channel* channel = configuration_.imta.channels.find(outcome.channel);
    if (channel == nullptr) {
        fail(
            item, make_refusal({5, 1, 2}, configuration_.rewrite_options.unknown_host_text, given())
        );
        return;
    }
    if (presented) {
        decision_.rewritten = outcome.address;
        if (!passes(access::RecipientPhase::original, item, outcome.address, channel->name()))
            return;
    }
    const bool is_local = channel == configuration_.imta.channels.local();
    if (is_local || channel->has(Keyword::aliaslocal)) {
        expand(item, outcome, *channel, is_local);
    } else {
        finish_remote(item, outcome, *channel);
    }
}

}  // namespace sluice::policy
