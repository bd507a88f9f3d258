#include "store/database_source.h"

#include <unordered_set>

namespace sluice::store {

namespace {

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
}

}  // namespace

DatabaseSource read_database_source(
    std::string_view text, const SourceRules& rules, Entries before
) {
    DatabaseSource source;
    source.entries = std::move(before);
    std::unordered_set<std::string> seen;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        ++source.lines;
        const auto except = [&](LineProblem problem) {
            source.exceptions.push_back({source.lines, std::move(problem), std::string(line)});
        };
        auto parsed = parse_entry_line(line, rules.syntax);
        if (auto* problem = std::get_if<LineProblem>(&parsed)) {
            except(std::move(*problem));
            continue;
        }
        auto* entry = std::get_if<Entry>(&parsed);
        if (entry == nullptr) continue;
        if (!seen.insert(entry->key).second) {
            ++source.duplicates;
            if (!rules.allow_duplicates)
                except({0, "E_DUPLICATE", "the key stands above already", {}});
            continue;
        }
        ++source.added;
        const auto [at, is_new] = source.entries.insert_or_assign(entry->key, entry->value);
        if (!is_new) ++source.replaced;
    }
    return source;
}

}  // namespace sluice::store
