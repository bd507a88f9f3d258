#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mapping/matcher.h"
#include "mapping/table.h"

// Inside of the engine: the way of one string through one table.
namespace sluice::mapping {

/// The place in a table and the string that goes through it.
class Walk {
public:
    Walk(const Table& table, std::string_view text)
        : table_(table), matcher_(text), indexed_(table.index().in_use()) {
        find_candidates();
    }

    /// The entry to compare next, and on to the one behind it; null at the end of the table.
    const Entry* next() {
        passed_over_from_ = at_;
        if (indexed_) {
            const auto found = std::lower_bound(candidates_.begin(), candidates_.end(), at_);
            at_ = found == candidates_.end() ? table_.entries().size() : *found;
        }
        passed_over_to_ = at_;
        return at_ < table_.entries().size() ? &table_.entries()[at_++] : nullptr;
    }
    /// The entries that the index ruled out on the way to the last one.
    [[nodiscard]] std::span<const Entry> passed_over() const {
        return std::span(table_.entries())
            .subspan(passed_over_from_, passed_over_to_ - passed_over_from_);
    }
    void rewind() { at_ = 0; }
    void set_text(std::string_view text) {
        matcher_.set_text(text);
        find_candidates();
    }
    [[nodiscard]] const Table& table() const { return table_; }
    [[nodiscard]] const std::string& text() const { return matcher_.text(); }
    [[nodiscard]] Matcher& matcher() { return matcher_; }

private:
    void find_candidates() {
        if (indexed_) table_.index().candidates(matcher_.folded(), candidates_);
    }

    const Table& table_;
    Matcher matcher_;
    bool indexed_;
    std::vector<std::uint32_t> candidates_;
    std::size_t at_ = 0;
    std::size_t passed_over_from_ = 0;
    std::size_t passed_over_to_ = 0;
};

}  // namespace sluice::mapping
