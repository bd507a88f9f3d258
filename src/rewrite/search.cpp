#include "rewrite/search.h"

#include <algorithm>
#include <utility>

namespace sluice::rewrite {

RuleSearch::RuleSearch(
    const SearchSpace& space, std::string_view address, const FirstHost& first, std::string tag
)
    : space_(space), address_(address), first_(first), tag_(std::move(tag)), host_(first.host) {}

Found RuleSearch::run() {
    const Found found = search();
    note_considered(found);
    return found;
}

Found RuleSearch::search() {
    Found found = probe("$*", host_.whole(), Sources::file);
    if (found == Found::nothing) {
        found = probe(host_.host(), host_.exact(), Sources::file_and_database);
    }
    if (found != Found::nothing) return found;
    if (is_in_channel_table()) return Found::channel_table;
    found = host_.is_literal() ? probe_literal() : probe_name();
    if (found != Found::nothing) return found;
    return probe(".", host_.any(), Sources::file_and_database);
}

Found RuleSearch::run_last_chance() {
    if (first_.position == Position::percent) return probe("$%", host_.whole(), Sources::file);
    if (first_.position == Position::bang) return probe("$!", host_.whole(), Sources::file);
    return Found::nothing;
}

Found RuleSearch::probe_name() {
    std::string stars = "*";
    const std::string_view host = host_.host();
    for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
        const Match match = host_.before(dot);
        std::string with_stars = stars;
        with_stars += host.substr(dot);
        Found found = probe(with_stars, match, Sources::file);
        if (found == Found::nothing) {
            found = probe(host.substr(dot), match, Sources::file_and_database);
        }
        if (found != Found::nothing) return found;
        stars += ".*";
    }
    return probe(stars, host_.whole(), Sources::file);
}

Found RuleSearch::probe_literal() {
    const std::string_view inside = host_.inside();
    auto end = host_.is_ipv4_literal() ? inside.size() : 0;
    while (end > 0) {
        const auto dot = inside.rfind('.', end - 1);
        end = dot == std::string_view::npos ? 0 : dot;
        if (end == 0) break;
        const std::string pattern = '[' + std::string(inside.substr(0, dot + 1)) + ']';
        const Found found =
            probe(pattern, host_.literal_prefix(dot + 1), Sources::file_and_database);
        if (found != Found::nothing) return found;
    }
    const Found found = probe("[]", host_.literal_prefix(0), Sources::file_and_database);
    if (found != Found::nothing || !host_.is_ipv4_literal()) return found;
    return probe("[*.*.*.*]", host_.whole(), Sources::file);
}

Found RuleSearch::probe(std::string_view pattern, const Match& match, Sources sources) {
    key_.assign(tag_);
    key_ += pattern;
    const auto& rules = space_.rules.find(key_);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const Found found = try_template(rules[i]->templ, rules[i], match);
        if (found == Found::nothing) continue;
        behind_ = {rules.data() + i + 1, rules.size() - i - 1};
        return found;
    }
    if (rules.empty()) note(TraceEvent::probe, {}, {});
    return sources == Sources::file ? Found::nothing : try_database(match);
}

Found RuleSearch::try_database(const Match& match) {
    const Answer answer = space_.answers.domain_database(key_);
    if (answer.state == Answer::State::not_found) return Found::nothing;
    if (answer.state == Answer::State::not_now) {
        note(TraceEvent::rule_failed, {}, "the domain database cannot be asked now");
        return Found::not_now;
    }
    const auto parsed = parse_template(answer.text);
    if (parsed.problem || check_form(parsed.value)) {
        note(TraceEvent::rule_failed, {}, "the domain database holds no template: " + answer.text);
        return Found::nothing;
    }
    return try_template(parsed.value, nullptr, match);
}

Found RuleSearch::try_template(const Template& templ, const Rule* rule, const Match& match) {
    const Subject subject{space_.context, space_.options, space_.answers, address_, first_, match};
    Expanded expanded = expand(templ, subject);
    if (expanded.verdict != Verdict::applies) {
        if (space_.trace != nullptr) {
            std::string reason = explain(expanded.unmet, space_.context, first_.position);
            reason += expanded.reason;
            note_rule(TraceEvent::rule_failed, rule, templ, std::move(reason));
        }
        return expanded.verdict == Verdict::fails ? Found::nothing : Found::not_now;
    }
    expansion_ = std::move(expanded.value);
    if (space_.trace != nullptr) {
        note_rule(TraceEvent::rule_matched, rule, templ, expansion_.to_debug_string());
    }
    return Found::rule;
}

bool RuleSearch::is_in_channel_table() const {
    // A tag is there to overrule everything that is not tagged itself.
    if (!tag_.empty()) return false;
    const HostEntry* entry = space_.hosts.find(host_.host());
    if (entry == nullptr) return false;
    if (space_.trace != nullptr) note(TraceEvent::channel_table, {}, "channel " + entry->channel);
    return true;
}

void RuleSearch::note(TraceEvent event, const SourceLocation& where, std::string detail) const {
    if (space_.trace == nullptr) return;
    space_.trace->push_back({event, key_, where, std::move(detail)});
}

void RuleSearch::note_rule(
    TraceEvent event, const Rule* rule, const Template& templ, std::string detail
) {
    TraceStep step{event, key_, {}, std::move(detail)};
    if (rule != nullptr) {
        step.rule = rule->where;
        tried_.insert(rule);
    }
    step.template_text = templ.text;
    space_.trace->push_back(std::move(step));
}

void RuleSearch::note_considered(Found found) const {
    if (space_.trace == nullptr) return;
    const std::size_t all = space_.rules.rules().size();
    std::string text =
        std::to_string(tried_.size()) + " of " + std::to_string(all) + " rules tried";
    const auto behind = static_cast<std::size_t>(std::count_if(
        behind_.begin(), behind_.end(), [this](const Rule* rule) { return !tried_.contains(rule); }
    ));
    if (behind > 0) text += "; " + std::to_string(behind) + " behind the one used not needed";
    const std::size_t others = all - tried_.size() - behind;
    if (others > 0) {
        text += "; the other " + std::to_string(others) + ' ';
        text += others == 1 ? "has none of these patterns" : "have none of these patterns";
        if (found != Found::nothing) text += " or a less specific one";
    }
    space_.trace->push_back({TraceEvent::considered, {}, {}, std::move(text)});
}

}  // namespace sluice::rewrite
