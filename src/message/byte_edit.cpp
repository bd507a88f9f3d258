#include "message/byte_edit.h"

#include <algorithm>
#include <utility>

namespace sluice::message {

namespace {

constexpr std::size_t piece_size = 64UL * 1024;

Error range_error(const ByteRange& a, const ByteRange& b) {
    const auto text = [](const ByteRange& range) {
        return std::to_string(range.begin) + ".." + std::to_string(range.end);
    };
    return Error::permanent(
        {5, 6, 0}, "message cannot be changed", "edits overlap: " + text(a) + ", " + text(b)
    );
}

}  // namespace

Result<void> read_range(ByteSource& source, const ByteRange& range, const ByteSink& sink) {
    std::string piece(std::min<std::uint64_t>(piece_size, range.size()), '\0');
    for (std::uint64_t at = range.begin; at < range.end;) {
        const std::uint64_t wanted = std::min<std::uint64_t>(piece.size(), range.end - at);
        const auto got = source.read(at, piece.data(), static_cast<std::size_t>(wanted));
        if (!got) return got.error();
        if (*got == 0) {
            return Error::temporary(
                {4, 3, 0}, "message cannot be read", "it ends at octet " + std::to_string(at)
            );
        }
        if (auto taken = sink(std::string_view(piece).substr(0, *got)); !taken) return taken;
        at += *got;
    }
    return {};
}

void ByteEdits::replace(const ByteRange& where, std::string text) {
    replace(where, [text = std::move(text)](const ByteSink& sink) -> Result<void> {
        return text.empty() ? Result<void>() : sink(text);
    });
}

void ByteEdits::replace(const ByteRange& where, std::shared_ptr<ByteSource> source) {
    replace(where, [source = std::move(source)](const ByteSink& sink) {
        return read_range(*source, {0, source->size()}, sink);
    });
}

void ByteEdits::replace(const ByteRange& where, Producer producer) {
    edits_.push_back({where, std::move(producer)});
}

// What begins first comes first; of those that begin together insertions stand in front, and the
// longest of the others before what lies in it.
Result<std::vector<const ByteEdits::Edit*>> ByteEdits::in_order() const {
    std::vector<const Edit*> sorted;
    for (const Edit& edit : edits_) sorted.push_back(&edit);
    std::stable_sort(sorted.begin(), sorted.end(), [](const Edit* a, const Edit* b) {
        if (a->where.begin != b->where.begin) return a->where.begin < b->where.begin;
        if (a->where.empty() || b->where.empty()) return a->where.empty() && !b->where.empty();
        return a->where.end > b->where.end;
    });
    std::vector<const Edit*> out;
    ByteRange last;
    for (const Edit* edit : sorted) {
        const ByteRange& where = edit->where;
        if (where.begin < last.end) {
            if (where.end <= last.end && where != last) continue;
            return range_error(last, where);
        }
        if (!where.empty()) last = where;
        out.push_back(edit);
    }
    return out;
}

Result<void> ByteEdits::write(ByteSource& source, const ByteSink& sink) const {
    const auto sorted = in_order();
    if (!sorted) return sorted.error();
    std::uint64_t at = 0;
    for (const Edit* edit : *sorted) {
        if (auto copied = read_range(source, {at, edit->where.begin}, sink); !copied) return copied;
        if (auto made = edit->producer(sink); !made) return made;
        at = edit->where.end;
    }
    return read_range(source, {at, std::max(at, source.size())}, sink);
}

}  // namespace sluice::message
