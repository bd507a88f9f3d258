#include "log_index/segment.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace sluice::log_index {

namespace {

/// In front of a segment's value. The file is a cache of this machine: its own byte order.
struct Header {
    std::array<char, 4> magic = {'S', 'L', 'X', '1'};
    std::uint32_t block_count = 0;
    std::uint64_t tail_hash = 0;
    std::uint64_t count = 0;
};

constexpr std::chrono::minutes slack{10};

template <class T>
void append(std::string& out, const T& value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

template <class T>
T load(std::string_view bytes, std::size_t index) {
    T value{};
    std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
    return value;
}

}  // namespace

void SegmentBuilder::add_line(
    std::size_t block, std::string_view line, std::optional<WallTime> time
) {
    if (times_.size() <= block) times_.resize(block + 1);
    if (time && times_[block] == 0) times_[block] = time->time_since_epoch().count();
    for_each_word(line, [&](Word word) {
        entries_.push_back((std::uint64_t{word} << 8U) | block);
    });
    // Words repeat from line to line: what a block has twice is kept once.
    constexpr std::size_t full = 4UL << 20U;
    if (entries_.size() < full) return;
    std::sort(entries_.begin(), entries_.end());
    entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
}

std::string SegmentBuilder::finish(std::uint64_t tail_hash) {
    std::sort(entries_.begin(), entries_.end());
    entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
    Header header;
    header.block_count = static_cast<std::uint32_t>(times_.size());
    header.tail_hash = tail_hash;
    header.count = entries_.size();
    std::string out;
    out.reserve(sizeof(Header) + times_.size() * 8 + entries_.size() * 5);
    append(out, header);
    for (const std::int64_t time : times_) append(out, time);
    for (const std::uint64_t entry : entries_) append(out, static_cast<Word>(entry >> 8U));
    for (const std::uint64_t entry : entries_) out += static_cast<char>(entry & 0xFFU);
    entries_.clear();
    times_.clear();
    return out;
}

std::optional<SegmentView> SegmentView::open(std::string_view value) {
    if (value.size() < sizeof(Header)) return std::nullopt;
    const auto header = load<Header>(value, 0);
    const std::size_t rest = value.size() - sizeof(Header);
    const std::size_t times = std::size_t{header.block_count} * sizeof(std::int64_t);
    if (header.magic != Header().magic || header.block_count > blocks_in_segment || rest < times ||
        header.count > rest / 5 || rest != times + header.count * 5)
        return std::nullopt;
    SegmentView view;
    view.tail_hash_ = header.tail_hash;
    view.block_count_ = header.block_count;
    view.count_ = static_cast<std::size_t>(header.count);
    view.times_ = value.substr(sizeof(Header), times);
    view.words_ = value.substr(sizeof(Header) + times, view.count_ * sizeof(Word));
    view.blocks_ = value.substr(sizeof(Header) + times + view.count_ * sizeof(Word));
    return view;
}

Word SegmentView::word_at(std::size_t i) const {
    return load<Word>(words_, i);
}
std::int64_t SegmentView::time_at(std::size_t block) const {
    return block < block_count_ ? load<std::int64_t>(times_, block) : 0;
}

std::vector<bool> SegmentView::blocks_of(Word word) const {
    std::vector<bool> found(block_count_);
    // Hashes are spread evenly: the place is known roughly, and few pages of the file are touched.
    constexpr std::size_t window = 8192;
    const auto guess = static_cast<std::size_t>((std::uint64_t{word} * count_) >> 32U);
    std::size_t low = guess > window ? guess - window : 0;
    std::size_t high = std::min(count_, guess + window);
    if (low > 0 && word_at(low - 1) >= word) low = 0;
    if (high < count_ && word_at(high) < word) high = count_;
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (word_at(middle) < word)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < count_ && word_at(low) == word; ++low) {
        const auto block = static_cast<unsigned char>(blocks_[low]);
        if (block < block_count_) found[block] = true;
    }
    return found;
}

std::vector<std::size_t> SegmentView::blocks_with(const std::vector<Word>& words) const {
    std::vector<bool> all(block_count_, true);
    for (const Word word : words) {
        const auto some = blocks_of(word);
        for (std::size_t i = 0; i < block_count_; ++i) all[i] = all[i] && some[i];
    }
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < block_count_; ++i) {
        if (all[i]) out.push_back(i);
    }
    return out;
}

bool SegmentView::may_be_between(
    std::size_t block, std::optional<WallTime> since, std::optional<WallTime> until
) const {
    const auto moment = [&](std::size_t i) { return WallTime(WallTime::duration(time_at(i))); };
    if (until && time_at(block) != 0 && moment(block) - slack > *until) return false;
    // The lines of a block end where those of the next begin.
    if (!since || block + 1 >= block_count_ || time_at(block + 1) == 0) return true;
    return moment(block + 1) + slack >= *since;
}

}  // namespace sluice::log_index
