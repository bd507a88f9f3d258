#include "policy/pipeline.h"

#include <utility>

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
      tag_rules_(tag_rules(configuration)),
      work_(configuration.aliases, lookup_rules(configuration)),
      list_files_(configuration, answers) {}

RecipientDecision Pipeline::run() {
    if (probe_.onward && go_onward()) return std::move(decision_);
    std::string why;
    const std::string first = complete_address(
        configuration_, *probe_.source, AddressKind::envelope_to, probe_.address,
        {probe_.client_name, probe_.authenticated_from}, trace_ != nullptr ? &why : nullptr
    );
    note(TraceEntry::Stage::completed, probe_.address + " is taken as " + first + ": " + why);
    work_.start(first);
    while (const auto item = work_.next()) {
        take(*item);
        if (decision_.refusal) break;
    }
    if (!decision_.refusal) {
        settle_failures();
        defer_expansion();
    }
    if (decision_.refusal) accept_refused(first);
    take_warnings();
    return std::move(decision_);
}

void Pipeline::take_warnings() {
    for (const auto* more : {&list_files_.warnings(), &std::as_const(table_warnings_)})
        decision_.warnings.insert(decision_.warnings.end(), more->begin(), more->end());
}

void Pipeline::note(
    TraceEntry::Stage stage, std::string text, std::vector<mapping::TraceStep> steps
) {
    if (trace_ != nullptr) trace_->push_back({stage, std::move(text), {}, std::move(steps)});
}

void Pipeline::refuse(Refusal refusal) {
    note(TraceEntry::Stage::refusal, refusal.to_string());
    decision_.refusal = std::move(refusal);
}

void Pipeline::fail(
    const alias::Worklist::Item& item, const std::string& address, Refusal refusal
) {
    if (item.chain.depth() == 0 || !refusal.is_permanent()) {
        refuse(std::move(refusal));
    } else {
        report(item, address, std::move(refusal));
    }
}

std::string Pipeline::local_postmaster() const {
    return "postmaster@" + std::string(configuration_.local_host());
}

// Keyword aliaspostmaster: the postmaster of a channel's host is ours.
bool Pipeline::is_channel_postmaster(const std::string& address, const channel::Channel& channel)
    const {
    if (!channel.has(Keyword::aliaspostmaster)) return false;
    const SplitAddress parts = split_address(address);
    return equals_ignoring_case(parts.local_part, "postmaster") &&
           equals_ignoring_case(parts.domain, channel.official_host()) &&
           !equals_ignoring_case(parts.domain, configuration_.local_host());
}

// Keywords expandlimit and expandchannel: recipients beyond the limit are expanded again later, by
// the channel that runs messages again, and not while the client waits for the end of its
// transaction. The address has been expanded once by now, so that a bad one is refused here.
void Pipeline::defer_expansion() {
    const auto limit = probe_.source->limit(Keyword::expandlimit);
    const auto count = probe_.total_recipient_count + decision_.destinations.size();
    if (!limit || !probe_.defers_expansion || probe_.reprocessing || probe_.only_looking ||
        decision_.refusal || count <= static_cast<std::uint64_t>(*limit))
        return;
    const std::string name(probe_.source->argument(Keyword::expandchannel).value_or("reprocess"));
    if (rewrite::is_reprocessing_name(probe_.source->name()) ||
        configuration_.imta.channels.find(name) == nullptr)
        return;
    Destination later;
    later.address = decision_.rewritten;
    later.channel = name;
    note(TraceEntry::Stage::destination, later.address + " will be expanded by channel " + name);
    decision_.destinations.assign(1, std::move(later));
    decision_.failed_members.clear();
}

void Pipeline::take(const alias::Worklist::Item& item) {
    const bool presented = item.chain.depth() == 0 && item.forwards == 0;
    // Members of aliases without a host are names of this system, whoever sent the message.
    const std::string address = presented ? item.address : completed_member(item.address);
    const rewrite::Outcome outcome = rewrite_traced(
        configuration_, *probe_.source, AddressKind::envelope_to, address, answers_,
        {TraceEntry::Stage::rewriting, "rewriting ", trace_, &table_warnings_}, nullptr,
        probe_.reprocessing
    );
    if (!outcome.ok()) {
        fail(item, address, make_refusal(outcome.failure->status, outcome.failure->text, given()));
        return;
    }
    const channel::Channel* channel = configuration_.imta.channels.find(outcome.channel);
    // A rule may leave no host at all: "carol@" is nobody's address, and nobody could be told.
    if (channel == nullptr || split_address(outcome.address).domain.empty()) {
        fail(
            item, outcome.address,
            make_refusal({5, 1, 2}, configuration_.rewrite_options.unknown_host_text, given())
        );
        return;
    }
    if (presented) {
        decision_.rewritten = outcome.address;
        decision_.rewritten_channel = channel->name();
        if (!passes(access::RecipientPhase::original, item, outcome.address, channel->name()))
            return;
    }
    if (decode_srs(item, address)) return;
    if (is_channel_postmaster(outcome.address, *channel)) {
        alias::Worklist::Item again = item;
        again.address = local_postmaster();
        note(TraceEntry::Stage::alias, outcome.address + " is " + again.address);
        return take(again);
    }
    const bool is_local = channel == configuration_.imta.channels.local();
    if (presented && is_local && !is_valid_recipient(item, outcome.address)) return;
    if (is_local || channel->has(Keyword::aliaslocal)) {
        expand(item, outcome, *channel, is_local);
    } else {
        finish(item, outcome, *channel);
    }
}

}  // namespace sluice::policy
