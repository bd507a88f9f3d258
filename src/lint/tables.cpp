// L002, L007, L008 and L009: mapping tables.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/bytes.h"
#include "lint/cycles.h"
#include "lint/inclusion.h"
#include "lint/lint.h"
#include "lint/rule_text.h"
#include "mapping/known_tables.h"
#include "mapping/limits.h"
#include "mapping/matcher.h"

namespace sluice::lint {

using mapping::Control;
using mapping::Entry;
using mapping::Template;

namespace {

/// Whether reading the template may end with more entries to be tried: by what stands there, or by
/// what a database or a routine puts in its place.
bool may_continue(const Template& result) {
    return std::any_of(result.parts().begin(), result.parts().end(), [](const auto& part) {
        if (part.kind == Template::Kind::general || part.kind == Template::Kind::call_out)
            return true;
        return part.kind == Template::Kind::control && part.control != Control::none &&
               part.control != Control::end;
    });
}

/// Earlier entries of one table that end the mapping for every text of a later one.
class ShadowCheck {
public:
    explicit ShadowCheck(const mapping::Table& table) : table_(table) {}

    /// Calls `report(entry, cover)` for each entry that cannot be reached.
    template <class Report>
    void run(const Report& report) {
        std::size_t from = 0;  // entries before it may hand their text to what follows
        std::unordered_map<std::string, std::size_t> texts;
        const auto& entries = table_.entries();
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (const auto cover = find_cover(i, from, texts)) report(entries[i], entries[*cover]);
            if (may_continue(entries[i].result)) {
                // What comes behind may see a text that the entries before never saw.
                from = i + 1;
                texts.clear();
            } else {
                texts.emplace(to_lower(entries[i].pattern.text()), i);
            }
        }
    }

private:
    std::optional<std::size_t> find_cover(
        std::size_t index,
        std::size_t from,
        const std::unordered_map<std::string, std::size_t>& texts
    ) {
        const auto& entries = table_.entries();
        const mapping::Pattern& pattern = entries[index].pattern;
        const auto same = texts.find(to_lower(pattern.text()));
        if (same != texts.end()) return same->second;
        // Only what matches one of its texts can match them all.
        const auto sample = sample_text(pattern);
        if (!sample) return std::nullopt;
        mapping::Matcher matcher(*sample);
        const auto covered_by = [&](std::size_t earlier) {
            const mapping::Pattern& wide = entries[earlier].pattern;
            return matcher.match(wide, mapping::limits::comparison_steps) ==
                       mapping::MatchResult::matched &&
                   covers(wide, pattern);
        };
        if (table_.index().in_use()) {
            table_.index().candidates(matcher.folded(), candidates_);
            const auto found = std::find_if(candidates_.begin(), candidates_.end(), [&](auto at) {
                return at >= from && at < index && covered_by(at);
            });
            return found == candidates_.end() ? std::nullopt : std::optional<std::size_t>(*found);
        }
        for (std::size_t earlier = from; earlier < index; ++earlier) {
            if (covered_by(earlier)) return earlier;
        }
        return std::nullopt;
    }

    const mapping::Table& table_;
    std::vector<std::uint32_t> candidates_;
};

using Names = std::set<std::string, LessIgnoringCase>;

/// Tables that are called, and whether some call computes the name.
struct Calls {
    Names names;
    bool computed = false;
};

bool has_computed_call(const std::vector<Template::Part>& parts) {
    return std::any_of(parts.begin(), parts.end(), [](const Template::Part& part) {
        if (part.kind != Template::Kind::table) return has_computed_call(part.argument);
        const bool written = !part.argument.empty() &&
                             part.argument.front().kind == Template::Kind::literal &&
                             part.argument.front().text.find_first_of(";,") != std::string::npos;
        return !written || has_computed_call(part.argument);
    });
}

Calls calls_of(const config::Configuration& configuration) {
    Calls calls;
    for (const auto& [name, table] : configuration.mappings.tables()) {
        for (const Entry& entry : table.entries()) {
            for (auto& called : entry.result.called_tables()) calls.names.insert(std::move(called));
            calls.computed = calls.computed || has_computed_call(entry.result.parts());
        }
    }
    for (const auto& rule : configuration.imta.rules.rules()) {
        for (const rewrite::Token& token : rule->templ.tokens) {
            if (token.kind == rewrite::TokenKind::mapping) calls.names.insert(token.text);
        }
    }
    return calls;
}

void check_unused(const config::Configuration& configuration, Findings& findings) {
    const Calls calls = calls_of(configuration);
    if (calls.computed) return;
    for (const auto& [name, table] : configuration.mappings.tables()) {
        // The reader warns of other names; the MTA itself asks X-ATT-NAMES.
        if (!starts_with_ignoring_case(name, "X-") || equals_ignoring_case(name, "X-ATT-NAMES"))
            continue;
        if (calls.names.contains(name)) continue;
        findings.add(Code::unused_table, table.where(), "nothing asks the table " + name);
    }
}

void check_missing(const config::Configuration& configuration, Findings& findings) {
    const auto& tables = configuration.mappings;
    for (const auto& [name, table] : tables.tables()) {
        for (const Entry& entry : table.entries()) {
            for (const std::string& called : entry.result.called_tables()) {
                if (tables.find(called) != nullptr) continue;
                findings.add(
                    Code::missing_table, entry.where, "there is no mapping table " + called
                );
            }
        }
    }
    for (const auto& rule : configuration.imta.rules.rules()) {
        for (const rewrite::Token& token : rule->templ.tokens) {
            if (token.kind != rewrite::TokenKind::mapping || tables.find(token.text) != nullptr)
                continue;
            findings.add(
                Code::missing_table, place_in_template(*rule, token.begin),
                "there is no mapping table " + token.text
            );
        }
    }
}

void check_cycles(const config::Configuration& configuration, Findings& findings) {
    std::map<std::string, std::size_t, LessIgnoringCase> numbers;
    std::vector<const mapping::Table*> tables;
    for (const auto& [name, table] : configuration.mappings.tables()) {
        numbers.emplace(name, tables.size());
        tables.push_back(&table);
    }
    Graph graph(tables.size());
    for (std::size_t i = 0; i < tables.size(); ++i) {
        for (const Entry& entry : tables[i]->entries()) {
            for (const std::string& called : entry.result.called_tables()) {
                const auto found = numbers.find(called);
                if (found != numbers.end()) graph[i].push_back(found->second);
            }
        }
        std::sort(graph[i].begin(), graph[i].end());
        graph[i].erase(std::unique(graph[i].begin(), graph[i].end()), graph[i].end());
    }
    for (const auto& cycle : find_cycles(graph, true)) {
        std::string path;
        for (const std::size_t number : cycle) path += tables[number]->name() + " -> ";
        const mapping::Table& first = *tables[cycle.front()];
        findings.add(
            Code::table_cycle, first.where(), "tables call each other: " + path + first.name()
        );
    }
}

}  // namespace

void check_entries(const config::Configuration& configuration, Findings& findings) {
    for (const auto& [name, table] : configuration.mappings.tables()) {
        ShadowCheck(table).run([&](const Entry& entry, const Entry& cover) {
            findings.add(
                Code::shadowed_entry, entry.where,
                "no text reaches this entry: the one at " + cover.where.to_string() +
                    " matches all of them and ends the mapping"
            );
        });
    }
}

void check_table_calls(const config::Configuration& configuration, Findings& findings) {
    check_unused(configuration, findings);
    check_missing(configuration, findings);
    check_cycles(configuration, findings);
}

}  // namespace sluice::lint
