// L001 and L004: rewrite rules that do nothing.
#include <map>
#include <set>

#include "base/bytes.h"
#include "lint/lint.h"
#include "lint/rule_text.h"

namespace sluice::lint {

using rewrite::Rule;
using rewrite::TokenKind;

namespace {

using RuleByTag = std::map<std::string, const Rule*, LessIgnoringCase>;

/// Rules that always apply, so that nothing behind them in the order of the search is tried.
struct Walls {
    RuleByTag everything;    ///< `$*`
    RuleByTag all_literals;  ///< `[]`
};

Walls walls_of(const rewrite::RuleSet& rules) {
    Walls walls;
    for (const auto& rule : rules.rules()) {
        if (rewrite::can_fail(rule->templ)) continue;
        const TaggedPattern parts = tagged(rule->pattern);
        if (parts.pattern == "$*") walls.everything.emplace(parts.tag, rule.get());
        if (parts.pattern == "[]") walls.all_literals.emplace(parts.tag, rule.get());
    }
    return walls;
}

const Rule* wall_before(const Rule& rule, const Walls& walls) {
    const TaggedPattern parts = tagged(rule.pattern);
    // These two are a last resort after a rule that led nowhere.
    if (parts.pattern == "$%" || parts.pattern == "$!") return nullptr;
    const auto everything = walls.everything.find(parts.tag);
    if (everything != walls.everything.end() && parts.pattern != "$*") return everything->second;
    const auto literals = walls.all_literals.find(parts.tag);
    if (literals != walls.all_literals.end() && parts.pattern == "[*.*.*.*]")
        return literals->second;
    return nullptr;
}

/// The tags that some rule sets; nullopt where that cannot be told.
std::optional<std::set<std::string, LessIgnoringCase>> tags_set(
    const config::Configuration& configuration
) {
    std::set<std::string, LessIgnoringCase> tags{""};
    for (const auto& rule : configuration.imta.rules.rules()) {
        for (std::size_t i = 0; i < rule->templ.tokens.size(); ++i) {
            const TokenKind kind = rule->templ.tokens[i].kind;
            if (rewrite::is_call_out(kind) && !is_pure_test(configuration, rule->templ.tokens[i]))
                return std::nullopt;
            if (kind != TokenKind::set_tag) continue;
            auto tag = constant_argument(rule->templ, i);
            if (!tag) return std::nullopt;
            tags.insert(std::move(*tag));
        }
    }
    return tags;
}

void check_reach(const config::Configuration& configuration, Findings& findings) {
    const rewrite::RuleSet& rules = configuration.imta.rules;
    const Walls walls = walls_of(rules);
    const auto tags = tags_set(configuration);
    for (const auto& rule : rules.rules()) {
        if (const Rule* wall = wall_before(*rule, walls)) {
            findings.add(
                Code::unreachable_rule, rule->where,
                "no address reaches this rule: the one at " + wall->where.to_string() +
                    " always applies before it"
            );
            continue;
        }
        const std::string tag(tagged(rule->pattern).tag);
        if (tags && !tags->contains(tag)) {
            findings.add(
                Code::unreachable_rule, rule->where,
                "no address reaches this rule: no template sets the tag " + tag
            );
        }
    }
}

bool names_a_channel(TokenKind kind) {
    return kind >= TokenKind::source_is && kind <= TokenKind::destination_is_not &&
           rewrite::takes_argument(kind);
}

void check_conditions(const config::Configuration& configuration, Findings& findings) {
    for (const auto& rule : configuration.imta.rules.rules()) {
        for (std::size_t i = 0; i < rule->templ.tokens.size(); ++i) {
            const rewrite::Token& token = rule->templ.tokens[i];
            if (!names_a_channel(token.kind)) continue;
            const auto channel = constant_argument(rule->templ, i);
            if (!channel || channel->empty() ||
                configuration.imta.channels.find(*channel) != nullptr) {
                continue;
            }
            findings.add(
                Code::unknown_channel, place_in_template(*rule, token.begin),
                "there is no channel " + printable(*channel)
            );
        }
    }
}

}  // namespace

void check_rules(const config::Configuration& configuration, Findings& findings) {
    check_reach(configuration, findings);
    check_conditions(configuration, findings);
}

}  // namespace sluice::lint
