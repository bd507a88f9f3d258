#include "rewrite/rule_set.h"

#include <algorithm>
#include <utility>

#include "rewrite/pattern.h"

namespace sluice::rewrite {

namespace {

// Column of an offset into a part of the line. A part that the line does not hold (the line was
// continued) leaves the column where the caller put it.
SourceLocation at_part(
    SourceLocation where,
    std::string_view line,
    std::string_view part,
    std::size_t from,
    std::size_t offset
) {
    const auto start = line.find(part, from);
    if (start != std::string_view::npos) where.column = start + offset + 1;
    return where;
}

SourceLocation in_template(const Rule& rule, std::size_t offset) {
    const auto pattern = rule.line.find(rule.pattern);
    const std::size_t from = pattern == std::string::npos ? 0 : pattern + rule.pattern.size();
    return at_part(rule.where, rule.line, rule.templ.text, from, offset);
}

SourceLocation in_pattern(const Rule& rule) {
    return at_part(rule.where, rule.line, rule.pattern, 0, 0);
}

std::string_view without_trailing_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool report(
    const std::optional<TemplateProblem>& problem, const Rule& rule, Diagnostics& diagnostics
) {
    if (!problem) return false;
    diagnostics.error(
        in_template(rule, problem->offset), problem->code, problem->text, rule.line, problem->hint
    );
    return true;
}

void report_missing_template(const Rule& rule, Diagnostics& diagnostics) {
    diagnostics.error(
        at_part(rule.where, rule.line, rule.pattern, 0, rule.pattern.size()), "E201",
        "rewrite rule without a template", rule.line,
        "a rule is a pattern, white space and a template such as $U%$D@channel-daemon"
    );
}

}  // namespace

bool RuleSet::add(
    std::string_view pattern,
    std::string_view template_text,
    SourceLocation where,
    std::string_view line,
    Diagnostics& diagnostics
) {
    auto parsed = parse_template(without_trailing_blanks(template_text));
    auto rule = std::make_unique<Rule>(Rule{
        std::string(pattern), std::move(parsed.value), std::move(where), std::string(line)});
    if (rule->templ.text.empty()) {
        report_missing_template(*rule, diagnostics);
        return false;
    }
    if (report(parsed.problem, *rule, diagnostics)) return false;
    if (report(check_form(rule->templ), *rule, diagnostics)) return false;

    if (const auto reason = why_never_matching(pattern)) {
        diagnostics.warning(
            in_pattern(*rule), "W201", "pattern can never match: " + *reason, rule->line
        );
    }
    auto& chain = by_pattern_[rule->pattern];
    const auto final_rule = std::find_if(chain.begin(), chain.end(), [](const Rule* earlier) {
        return !can_fail(earlier->templ);
    });
    if (final_rule != chain.end()) {
        diagnostics.warning(
            in_pattern(*rule), "W202", "rule can never be reached", rule->line,
            "the rule at " + (*final_rule)->where.to_string() +
                " has the same pattern and no condition that could fail"
        );
    }
    chain.push_back(rule.get());
    longest_pattern_ = std::max(longest_pattern_, rule->pattern.size());
    rules_.push_back(std::move(rule));
    return true;
}

void RuleSet::check_routing_systems(const HostTable& hosts, Diagnostics& diagnostics) const {
    for (const auto& rule : rules_) {
        const auto system = constant_routing_system(rule->templ);
        if (!system || hosts.find(system->name) != nullptr) continue;
        diagnostics.warning(
            in_template(*rule, system->offset), "W203",
            "routing system " + system->name + " is no host name of the channel table", rule->line,
            "if the rule is meant to refuse addresses, let it say why with $?text"
        );
    }
}

const std::vector<const Rule*>& RuleSet::find(std::string_view pattern) const {
    static const std::vector<const Rule*> none;
    // Spares hashing hosts made of hundreds of parts, which only an enemy sends.
    if (pattern.size() > longest_pattern_) return none;
    const auto found = by_pattern_.find(pattern);
    return found == by_pattern_.end() ? none : found->second;
}

}  // namespace sluice::rewrite
