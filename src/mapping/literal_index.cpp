#include "mapping/literal_index.h"

#include <algorithm>
#include <optional>

#include "mapping/pattern.h"

namespace sluice::mapping {

namespace {

constexpr std::size_t long_piece = 8;
constexpr std::size_t short_piece = 4;

std::uint64_t packed(std::string_view piece) {
    std::uint64_t value = 0;
    for (const char c : piece) value = value << 8U | static_cast<unsigned char>(c);
    return value;
}

/// Calls `use` with every piece of `length` octets that a text must contain to match `pattern`.
template <class Use>
void for_each_piece(const Pattern& pattern, std::size_t length, Use use) {
    for (const auto& element : pattern.elements()) {
        if (element.kind != Pattern::Kind::literal) continue;
        const auto literal = pattern.literal_of(element);
        for (std::size_t i = 0; i + length <= literal.size(); ++i) {
            use(packed(literal.substr(i, length)));
        }
    }
}

/// How many times each piece of one length is demanded in the whole table.
class Census {
public:
    Census(const std::vector<const Pattern*>& patterns, std::size_t length) : length_(length) {
        for (const auto* pattern : patterns) {
            for_each_piece(*pattern, length, [&](std::uint64_t piece) { ++counts_[piece]; });
        }
    }
    struct Choice {
        std::uint64_t piece = 0;
        std::uint32_t count = 0;
    };
    /// The piece of `pattern` that is rarest in the table; nullopt if it has none.
    [[nodiscard]] std::optional<Choice> rarest(const Pattern& pattern) const {
        std::optional<Choice> best;
        for_each_piece(pattern, length_, [&](std::uint64_t piece) {
            const auto count = counts_.find(piece)->second;
            if (!best || count < best->count) best = Choice{piece, count};
        });
        return best;
    }

private:
    std::size_t length_;
    std::unordered_map<std::uint64_t, std::uint32_t> counts_;
};

}  // namespace

LiteralIndex::LiteralIndex(const std::vector<const Pattern*>& patterns)
    : in_use_(patterns.size() >= worthwhile) {
    if (!in_use_) return;
    const Census long_census(patterns, long_piece);
    const Census short_census(patterns, short_piece);
    for (std::uint32_t i = 0; i < patterns.size(); ++i) {
        const auto by_long = long_census.rarest(*patterns[i]);
        const auto by_short = short_census.rarest(*patterns[i]);
        if (by_long && by_long->count <= by_short->count) {
            long_pieces_[by_long->piece].push_back(i);
        } else if (by_short) {
            short_pieces_[by_short->piece].push_back(i);
        } else {
            always_.push_back(i);
        }
    }
}

void LiteralIndex::candidates(std::string_view folded, std::vector<std::uint32_t>& entries) const {
    entries = always_;
    const auto collect = [&](const Pieces& pieces, std::size_t length) {
        if (pieces.empty()) return;
        for (std::size_t i = 0; i + length <= folded.size(); ++i) {
            const auto found = pieces.find(packed(folded.substr(i, length)));
            if (found == pieces.end()) continue;
            entries.insert(entries.end(), found->second.begin(), found->second.end());
        }
    };
    collect(long_pieces_, long_piece);
    collect(short_pieces_, short_piece);
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
}

}  // namespace sluice::mapping
