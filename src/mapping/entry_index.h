#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mapping/network_index.h"

namespace sluice::mapping {

class Pattern;

/// Names, for a text, the entries of a table that can match it at all, so that a table of ten
/// thousand entries costs about what a short one does.
///
/// Each entry is filed once: under a short piece (eight octets, or four) of the literal text its
/// pattern demands, wherever in the pattern it stands, or under a network in which the text must
/// hold an address; whichever the fewest other entries demand. A text is then cut into all its
/// pieces of that length, its addresses are looked up, and only the entries found are compared.
/// Entries that demand neither are always compared.
class EntryIndex {
public:
    /// Below this many entries comparing all of them is quicker.
    static constexpr std::size_t worthwhile = 8;

    EntryIndex() = default;
    explicit EntryIndex(const std::vector<const Pattern*>& patterns);

    /// False for short tables: every entry is a candidate and `candidates` must not be asked.
    [[nodiscard]] bool in_use() const { return in_use_; }
    /// Replaces `entries` by the candidates in ascending order. `folded` is the text in lower case.
    void candidates(std::string_view folded, std::vector<std::uint32_t>& entries) const;

private:
    using Pieces = std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>;

    bool in_use_ = false;
    Pieces long_pieces_;
    Pieces short_pieces_;
    NetworkIndex networks_;
    std::vector<std::uint32_t> always_;
};

}  // namespace sluice::mapping
