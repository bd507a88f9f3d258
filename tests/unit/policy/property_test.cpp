// What holds for every site and every address: made-up ones, the same in each run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "mapping/limits.h"
#include "policy/recipient.h"
#include "support/any_answers.h"
#include "support/decision_text.h"
#include "support/naive_mapping.h"
#include "unit/policy/random_site.h"

namespace sluice::policy {
namespace {

/// SLUICE_PROPERTY_SITES in the environment asks for a longer search.
std::uint64_t site_count() {
    constexpr std::uint64_t usual = 150;
    const char* wanted = std::getenv("SLUICE_PROPERTY_SITES");  // NOLINT(concurrency-mt-unsafe)
    return wanted == nullptr ? usual : parse_unsigned(wanted).value_or(usual);
}

/// Sites that showed a fault once and lie beyond the usual ones.
constexpr std::uint64_t remembered_sites[] = {2096, 7185};

std::vector<std::uint64_t> seeds() {
    const std::uint64_t count = site_count();
    std::vector<std::uint64_t> out(count);
    std::iota(out.begin(), out.end(), 1);
    for (const std::uint64_t seed : remembered_sites) {
        if (seed > count) out.push_back(seed);
    }
    return out;
}

constexpr int addresses_per_site = 12;

struct Case {
    std::uint64_t seed = 0;
    test::RandomSite::Texts texts;
    config::ConfigurationPtr site;
    RecipientProbe probe;
};

Case& with_source(Case& one, const char* source) {
    one.probe.source = one.site->imta.channels.find(source);
    return one;
}

/// Calls `use` with every made-up case.
template <class Use>
void for_each_case(Use use) {
    std::size_t usable = 0;
    const auto all = seeds();
    for (const std::uint64_t seed : all) {
        test::RandomSite random(seed);
        Case one;
        one.seed = seed;
        one.texts = random.site();
        one.site = test::RandomSite::load(one.texts);
        if (!one.site) continue;
        ++usable;
        for (int i = 0; i < addresses_per_site; ++i) {
            one.probe.address = random.address();
            one.probe.sender = random.address();
            one.probe.session.authenticated = i % 3 == 0;
            SCOPED_TRACE(
                "seed " + std::to_string(seed) + ", address " + one.probe.address + '\n' +
                one.texts.imta_cnf + "----\n" + one.texts.mappings + "----\n" + one.texts.aliases
            );
            use(with_source(one, i % 2 == 0 ? "tcp_local" : "tcp_inside"));
            if (testing::Test::HasFailure()) return;
        }
    }
    EXPECT_GT(usable, all.size() / 2);
}

RecipientDecision decide(const Case& one, mapping::Answers& answers, Trace* trace = nullptr) {
    return decide_recipient(*one.site, one.probe, answers, trace);
}

TEST(Property, DecidingTwiceGivesTheSameWithAndWithoutATrace) {
    for_each_case([](const Case& one) {
        test::AnyAnswers answers(one.seed);
        const std::string first = test::text_of(decide(one, answers));
        Trace trace;
        EXPECT_EQ(first, test::text_of(decide(one, answers, &trace)));
        Trace again;
        EXPECT_EQ(first, test::text_of(decide(one, answers, &again)));
        EXPECT_EQ(test::text_of(trace), test::text_of(again));
    });
}

TEST(Property, ADecisionCanBeRepeatedFromItsExplanation) {
    for_each_case([](const Case& one) {
        test::AnyAnswers answers(one.seed);
        Trace trace;
        const std::string decision = test::text_of(decide(one, answers, &trace));
        ASSERT_EQ(trace.back().stage, TraceEntry::Stage::answers);
        // Says of itself that it cannot be repeated: too many answers.
        if (trace.back().text.ends_with("not all kept")) return;
        mapping::ReplayedAnswers recorded(trace.back().look_ups);
        Trace again;
        EXPECT_EQ(decision, test::text_of(decide(one, recorded, &again)));
        EXPECT_TRUE(recorded.exhausted());
        EXPECT_EQ(test::text_of(trace), test::text_of(again));
    });
}

/// The text with all lines but some made comments, so that line numbers stay.
std::string only_lines(
    const std::string& text, const std::set<std::size_t>& lines, bool (*may_go)(std::string_view)
) {
    std::string out;
    std::size_t number = 0;
    for (const std::string_view line : split(text, '\n')) {
        ++number;
        if (may_go(line) && lines.count(number) == 0) out += '!';
        out += std::string(line) + '\n';
    }
    return out;
}

/// A rule: its line holds a template, which no line of a channel block does.
bool is_rule(std::string_view line) {
    return line.find(' ') != std::string_view::npos &&
           line.substr(line.find(' ')).find_first_of("%@$") != std::string_view::npos;
}
bool is_entry(std::string_view line) {
    return line.starts_with("  ");
}

// Nothing that the explanation leaves out has a part in the decision.
TEST(Property, WhatTheExplanationNamesIsEnoughToDecide) {
    for_each_case([](const Case& one) {
        test::AnyAnswers answers(one.seed);
        Trace trace;
        const std::string decision = test::text_of(decide(one, answers, &trace));
        std::set<std::size_t> rules;
        std::set<std::size_t> entries;
        for (const TraceEntry& entry : trace) {
            for (const auto& step : entry.rewrite_steps) {
                if (step.rule.file) rules.insert(step.rule.line);
            }
            for (const auto& step : entry.mapping_steps) {
                if (step.concerns_an_entry()) entries.insert(step.where.line);
            }
        }
        Case reduced = one;
        reduced.texts.imta_cnf = only_lines(one.texts.imta_cnf, rules, is_rule);
        reduced.texts.mappings = only_lines(one.texts.mappings, entries, is_entry);
        reduced.site = test::RandomSite::load(reduced.texts);
        ASSERT_TRUE(reduced.site) << reduced.texts.imta_cnf << reduced.texts.mappings;
        reduced.probe.source = reduced.site->imta.channels.find(one.probe.source->name());
        test::AnyAnswers same(one.seed);
        EXPECT_EQ(decision, test::text_of(decide(reduced, same)))
            << reduced.texts.imta_cnf << reduced.texts.mappings;
    });
}

TEST(Property, LimitsHold) {
    for_each_case([](const Case& one) {
        test::AnyAnswers answers(one.seed);
        Trace trace;
        const RecipientDecision decision = decide(one, answers, &trace);
        EXPECT_TRUE(decision.refusal || !decision.destinations.empty());
        for (const Destination& destination : decision.destinations) {
            EXPECT_NE(one.site->imta.channels.find(destination.channel), nullptr);
            EXPECT_LE(destination.address.size(), rewrite::Ceilings::address);
        }
        for (const TraceEntry& entry : trace) {
            std::size_t passes = 0;
            for (const auto& step : entry.rewrite_steps) {
                if (step.event == rewrite::TraceEvent::address) ++passes;
            }
            EXPECT_LE(passes, rewrite::Ceilings::passes);
            std::size_t runs = 0;
            for (const auto& step : entry.mapping_steps) {
                using Event = mapping::TraceStep::Event;
                if (step.event == Event::succeeded || step.event == Event::failed) ++runs;
                EXPECT_LE(step.output.size(), mapping::limits::output);
                EXPECT_LE(step.depth, mapping::limits::nesting);
            }
            EXPECT_LE(runs, 2 * mapping::limits::template_runs);
        }
    });
}

// The index of a mapping table names no entry too few.
TEST(Property, TablesGiveWhatComparingEveryEntryGives) {
    for_each_case([](const Case& one) {
        test::AnyAnswers answers(one.seed);
        const std::string input = "tcp_local|" + one.probe.sender + "|l|" + one.probe.address;
        const mapping::InputFlags flags("A");
        for (const auto& [name, table] : one.site->mappings.tables()) {
            const auto quick = mapping::probe(one.site->mappings, name, input, flags, answers);
            if (!quick.warnings.empty()) continue;  // a limit was met; the naive way knows none
            const auto naive = test::naive_probe(one.site->mappings, name, input, flags, answers);
            EXPECT_EQ(quick.to_debug_string(), naive.to_debug_string()) << name;
            EXPECT_EQ(quick.decided_by.line, naive.decided_by.line) << name;
        }
    });
}

/// How specific `*.b` or `.b` is for a host, by the definition of these patterns; less is more
/// specific, nullopt does not match.
std::optional<std::size_t> generalised_rank_of(std::string_view pattern, std::string_view host) {
    const auto parts = split(host, '.');
    const auto wanted = split(pattern, '.');
    std::size_t stars = 0;
    while (stars < wanted.size() && wanted[stars] == "*") ++stars;
    const auto same_end = [&](std::size_t from_host, std::size_t from_pattern) {
        if (parts.size() - from_host != wanted.size() - from_pattern) return false;
        for (std::size_t i = 0; from_host + i < parts.size(); ++i) {
            if (!equals_ignoring_case(parts[from_host + i], wanted[from_pattern + i])) return false;
        }
        return true;
    };
    if (stars > 0) {
        const bool fits = parts.size() == wanted.size() && same_end(stars, stars);
        return fits ? std::optional(2 * stars) : std::nullopt;
    }
    if (!wanted.front().empty() || wanted.size() < 2 || parts.size() < wanted.size())
        return std::nullopt;
    const std::size_t generalised = parts.size() - (wanted.size() - 1);
    return same_end(generalised, 1) ? std::optional(2 * generalised + 1) : std::nullopt;
}

/// Rank and line of the rules that match, in their order. For names and an empty tag. A rule can
/// have its turn twice for a host that a template made: `.test` and `*.test` are patterns
/// themselves, and what is left of `a.` behind its first part is `.`, as in the match-all rule.
std::multimap<std::size_t, std::size_t> ranked_rules(
    const rewrite::RuleSet& rules, std::string_view host
) {
    constexpr std::size_t last = 1000;
    std::multimap<std::size_t, std::size_t> ranked;  // keeps file order
    for (const auto& rule : rules.rules()) {
        const std::string_view pattern = rule->pattern;
        const std::size_t line = rule->where.line;
        if (pattern == "$*") ranked.emplace(0, line);
        if (equals_ignoring_case(pattern, host)) ranked.emplace(1, line);
        if (const auto rank = generalised_rank_of(pattern, host)) ranked.emplace(*rank, line);
        if (pattern == ".") ranked.emplace(last, line);
    }
    return ranked;
}

// The search by key tries the rules that a look at every single rule finds, in the same order.
TEST(Property, RulesAreTriedInTheOrderThatLookingAtEachOneGives) {
    for_each_case([](const Case& one) {
        test::AnyAnswers answers(one.seed);
        Trace trace;
        decide(one, answers, &trace);
        for (const TraceEntry& entry : trace) {
            if (entry.rewrite_steps.empty()) continue;
            const auto& first = entry.rewrite_steps.front();
            const bool tagged = one.texts.imta_cnf.find("$Tt|") != std::string::npos;
            if (tagged || first.position != "at" || first.host.starts_with('[')) continue;
            const auto expected = ranked_rules(one.site->imta.rules, first.host);
            auto next = expected.begin();
            for (std::size_t i = 1; i < entry.rewrite_steps.size(); ++i) {
                const auto& step = entry.rewrite_steps[i];
                using Event = rewrite::TraceEvent;
                if (step.event == Event::considered) break;
                if (!step.rule.file) continue;
                ASSERT_NE(next, expected.end()) << step.to_debug_string();
                EXPECT_EQ(next->second, step.rule.line) << step.to_debug_string();
                ++next;
            }
        }
    });
}

}  // namespace
}  // namespace sluice::policy
