#include "channel/keyword.h"
#include "policy/pipeline.h"
#include "policy/refusal.h"
#include "policy/rewriting.h"

namespace sluice::policy {

using channel::Keyword;
using config::OptionId;

namespace {

alias::SubaddressMode subaddress_mode(const channel::Channel& channel) {
    if (channel.has(Keyword::subaddresswild)) return alias::SubaddressMode::wild;
    if (channel.has(Keyword::subaddressexact)) return alias::SubaddressMode::exact;
    return alias::SubaddressMode::relaxed;
}

}  // namespace

alias::LookupRules lookup_rules(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    alias::LookupRules rules;
    rules.alias_domains = options.integer(OptionId::alias_domains);
    rules.max_levels = static_cast<std::size_t>(options.integer(OptionId::max_alias_levels));
    return rules;
}

std::string Pipeline::completed_member(const std::string& address) const {
    if (!split_address(address).domain.empty()) return address;
    return address + '@' + std::string(configuration_.local_host());
}

void Pipeline::expand(
    const alias::Worklist::Item& item,
    const rewrite::Outcome& outcome,
    const channel::Channel& channel,
    bool is_local
) {
    const SplitAddress parts = split_address(outcome.address);
    alias::Query query;
    query.local_part = parts.local_part;
    query.domain = parts.domain;
    query.is_local_channel = is_local;
    query.mode = subaddress_mode(channel);
    const auto result = work_.resolve(query, item);
    using Kind = alias::Worklist::Outcome::Kind;
    switch (result.kind) {
        case Kind::expanded:
            note(
                TraceEntry::Stage::alias,
                outcome.address + " is alias " + result.expansion->alias->to_debug_string()
            );
            return;
        case Kind::repeated:
            note(TraceEntry::Stage::alias, outcome.address + " was expanded before");
            return;
        case Kind::failed:
            fail(item, make_refusal(result.error->status(), result.error->text(), given()));
            return;
        case Kind::final:
            break;
    }
    if (is_local) {
        finish_local(item, parts, channel);
    } else {
        finish_remote(item, outcome, channel);
    }
}

}  // namespace sluice::policy
