#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "log_index/tokens.h"

namespace sluice::log_index {

inline constexpr std::uint64_t block_size = 64UL << 10U;
inline constexpr std::uint64_t segment_size = 16UL << 20U;
inline constexpr std::size_t blocks_in_segment = segment_size / block_size;

/// Collects the words of one segment's blocks. A line belongs to the block that it begins in.
class SegmentBuilder {
public:
    void add_line(std::size_t block, std::string_view line, std::optional<WallTime> time);
    /// The value to keep. `tail_hash`: of the octets in front of the segment's end, by which a
    /// later reader knows the log again.
    [[nodiscard]] std::string finish(std::uint64_t tail_hash);

private:
    std::vector<std::uint64_t> entries_;  // word << 8 | block
    std::vector<std::int64_t> times_;     // first of each block, microseconds; 0 none
};

/// A segment's value where it lies. Views the bytes it was made of; nullopt for bytes that are no
/// segment of this version.
class SegmentView {
public:
    static std::optional<SegmentView> open(std::string_view value);

    [[nodiscard]] std::uint64_t tail_hash() const { return tail_hash_; }
    /// Blocks that may have all of the words, ascending; every block where there are none.
    [[nodiscard]] std::vector<std::size_t> blocks_with(const std::vector<Word>& words) const;
    /// Whether a block may have lines between the two; the times of a log are taken to go backwards
    /// by no more than ten minutes.
    [[nodiscard]] bool may_be_between(
        std::size_t block, std::optional<WallTime> since, std::optional<WallTime> until
    ) const;

private:
    [[nodiscard]] std::vector<bool> blocks_of(Word word) const;
    [[nodiscard]] Word word_at(std::size_t i) const;
    [[nodiscard]] std::int64_t time_at(std::size_t block) const;

    std::uint64_t tail_hash_ = 0;
    std::size_t block_count_ = 0;
    std::size_t count_ = 0;
    std::string_view times_;
    std::string_view words_;
    std::string_view blocks_;
};

}  // namespace sluice::log_index
