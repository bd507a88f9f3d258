// L005 and L006: rewriting and aliases that go round in circles. Found by walking them.
#include <set>
#include <unordered_map>

#include "alias/alias_table.h"
#include "base/bytes.h"
#include "channel/keyword.h"
#include "lint/cycles.h"
#include "lint/lint.h"
#include "lint/rule_text.h"
#include "policy/rewriting.h"

namespace sluice::lint {

using policy::AddressKind;

namespace {

constexpr StatusCode loop_status{5, 4, 6};

/// The channels whose view of the rules counts: those that mail comes in by.
std::vector<const channel::Channel*> source_channels(const config::Configuration& configuration) {
    std::vector<const channel::Channel*> sources;
    for (const channel::Channel& channel : configuration.imta.channels) {
        const bool local = &channel == configuration.imta.channels.local();
        if (local || starts_with_ignoring_case(channel.name(), "tcp_")) sources.push_back(&channel);
    }
    return sources;
}

bool may_repeat(const config::Configuration& configuration, const rewrite::Rule& rule) {
    const LastPiece piece = last_piece(configuration, rule);
    return piece.repeats || piece.kind == LastPiece::Kind::anything;
}

/// The rule that was used last before rewriting gave up.
const SourceLocation* last_rule(const rewrite::Trace& trace) {
    for (auto step = trace.rbegin(); step != trace.rend(); ++step) {
        if (step->event == rewrite::TraceEvent::rule_matched && step->rule.file) return &step->rule;
    }
    return nullptr;
}

class LoopCheck {
public:
    LoopCheck(const config::Configuration& configuration, Findings& findings)
        : configuration_(configuration), findings_(findings) {}

    void check(const rewrite::Rule& rule, const channel::Channel& source) {
        const std::string address = sample_address(rule.pattern);
        if (address.empty()) return;
        for (const AddressKind kind :
             {AddressKind::envelope_to, AddressKind::envelope_from, AddressKind::header_forward,
              AddressKind::header_backward}) {
            const auto outcome = rewritten(source, kind, address, nullptr);
            if (!outcome.failure || outcome.failure->status != loop_status) continue;
            rewrite::Trace trace;
            rewritten(source, kind, address, &trace);
            report(address, source, last_rule(trace));
            return;
        }
    }

private:
    rewrite::Outcome rewritten(
        const channel::Channel& source,
        AddressKind kind,
        const std::string& address,
        rewrite::Trace* trace
    ) {
        mapping::NoAnswers outside;
        return policy::rewrite_address(configuration_, source, kind, address, outside, trace);
    }

    void report(
        const std::string& address, const channel::Channel& source, const SourceLocation* where
    ) {
        if (where == nullptr || !reported_.insert(where->to_string()).second) return;
        findings_.add(
            Code::rewriting_loop, *where,
            "rewriting does not come to an end: " + address + ", as channel " + source.name() +
                " sees it, comes back to this rule"
        );
    }

    const config::Configuration& configuration_;
    Findings& findings_;
    std::set<std::string> reported_;
};

class AliasGraph {
public:
    explicit AliasGraph(const config::Configuration& configuration)
        : configuration_(configuration) {
        rules_.alias_domains = configuration.options.integer(config::OptionId::alias_domains);
        for (const auto& alias : configuration.aliases.all())
            numbers_.emplace(alias.get(), numbers_.size());
    }

    Graph build() {
        Graph graph;
        for (const auto& alias : configuration_.aliases.all()) {
            auto& edges = graph.emplace_back();
            for (const alias::Member& member : alias->members) {
                const auto to = target(member.address);
                if (to) edges.push_back(*to);
            }
        }
        return graph;
    }

private:
    /// The alias that mail for the address is expanded by.
    std::optional<std::size_t> target(const std::string& address) {
        const channel::ChannelTable& channels = configuration_.imta.channels;
        std::string full = address;
        if (policy::split_address(address).domain.empty())
            full += '@' + std::string(configuration_.local_host());
        mapping::NoAnswers outside;
        const auto outcome = policy::rewrite_address(
            configuration_, *channels.local(), AddressKind::envelope_to, full, outside
        );
        const channel::Channel* channel = outcome.ok() ? channels.find(outcome.channel) : nullptr;
        if (channel == nullptr) return std::nullopt;
        const bool local = channel == channels.local();
        if (!local && !channel->has(channel::Keyword::aliaslocal)) return std::nullopt;
        const policy::SplitAddress parts = policy::split_address(outcome.address);
        alias::Query query;
        query.local_part = parts.local_part;
        query.domain = parts.domain;
        query.is_local_channel = local;
        const auto found = configuration_.aliases.lookup(query, rules_);
        if (!found) return std::nullopt;
        const auto number = numbers_.find(found->alias);
        if (number == numbers_.end()) return std::nullopt;
        return number->second;
    }

    const config::Configuration& configuration_;
    alias::LookupRules rules_;
    std::unordered_map<const alias::Alias*, std::size_t> numbers_;
};

}  // namespace

void check_rewriting_loops(const config::Configuration& configuration, Findings& findings) {
    LoopCheck check(configuration, findings);
    const auto sources = source_channels(configuration);
    for (const auto& rule : configuration.imta.rules.rules()) {
        if (!may_repeat(configuration, *rule)) continue;
        for (const channel::Channel* source : sources) check.check(*rule, *source);
    }
}

// An alias that names itself means the mailbox of that name and is no loop.
void check_alias_loops(const config::Configuration& configuration, Findings& findings) {
    if (configuration.imta.channels.local() == nullptr) return;
    const auto& aliases = configuration.aliases.all();
    for (const auto& cycle : find_cycles(AliasGraph(configuration).build(), false)) {
        std::string path;
        for (const std::size_t number : cycle) path += aliases[number]->name + " -> ";
        const alias::Alias& first = *aliases[cycle.front()];
        findings.add(Code::alias_loop, first.where, "aliases go in a circle: " + path + first.name);
    }
}

}  // namespace sluice::lint
