#include "channel/keyword.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace sluice::channel {

namespace {

constexpr std::array<KeywordInfo, keyword_count> table{{
#define SLUICE_KEYWORD(enumerator, name, form, default_, priority) \
    KeywordInfo{name, ArgumentForm::form, default_, KeywordPriority::priority},
#include "channel/keyword_table.inc"
#undef SLUICE_KEYWORD
}};

constexpr std::array<Keyword, keyword_count> sorted_by_name() {
    std::array<Keyword, keyword_count> keywords{};
    for (std::size_t i = 0; i < keyword_count; ++i) keywords[i] = static_cast<Keyword>(i);
    std::sort(keywords.begin(), keywords.end(), [](Keyword a, Keyword b) {
        return table[index_of(a)].name < table[index_of(b)].name;
    });
    return keywords;
}
constexpr auto by_name = sorted_by_name();

// Damerau-Levenshtein in its restricted form: insertions, deletions, changes, swapped neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = a[i - 1] == b[j - 1];
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(above);
        above.swap(row);
    }
    return above[b.size()];
}

}  // namespace

const KeywordInfo& info(Keyword keyword) {
    return table[index_of(keyword)];
}

std::optional<Keyword> find_keyword(std::string_view word) {
    const std::string wanted = to_lower(word.substr(0, significant_length));
    const auto found =
        std::lower_bound(by_name.begin(), by_name.end(), wanted, [](Keyword k, const auto& name) {
            return name_of(k) < name;
        });
    if (found == by_name.end() || name_of(*found) != wanted) return std::nullopt;
    return *found;
}

std::optional<Keyword> nearest_keyword(std::string_view word) {
    const std::string written = to_lower(word.substr(0, significant_length));
    if (written.size() < 3) return std::nullopt;
    std::size_t best = written.size() <= 4 ? 1 : 2;
    std::optional<Keyword> nearest;
    for (const Keyword keyword : by_name) {
        const std::string_view name = name_of(keyword);
        if (name.size() + best < written.size() || written.size() + best < name.size()) continue;
        const std::size_t distance = edit_distance(written, name);
        if (distance > best || (nearest && distance == best)) continue;
        best = distance;
        nearest = keyword;
    }
    return nearest;
}

}  // namespace sluice::channel
