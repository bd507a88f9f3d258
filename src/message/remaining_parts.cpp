#include "message/remaining_parts.h"

#include <utility>

namespace sluice::message {

RemainingParts::RemainingParts(const MimeParts& parts, std::vector<PartFate> fates)
    : parts_(parts), fates_(std::move(fates)) {
    find_siblings();
    find_dropped();
}

// Children stand behind their parents: from the end each part knows what became of them.
void RemainingParts::find_dropped() {
    dropped_.assign(parts_.size(), false);
    std::vector<std::size_t> children(parts_.size(), 0);
    std::vector<std::size_t> gone(parts_.size(), 0);
    for (std::size_t i = parts_.size(); i-- > 0;) {
        const bool refilled = fates_[i].new_body || fates_[i].more_parts;
        const bool emptied = children[i] > 0 && children[i] == gone[i] && !refilled;
        dropped_[i] = fates_[i].drop || emptied;
        const std::size_t parent = parts_[i].parent;
        if (parent == MimePart::none) continue;
        ++children[parent];
        gone[parent] += dropped_[i] ? 1 : 0;
    }
}

void RemainingParts::find_siblings() {
    next_.assign(parts_.size(), MimePart::none);
    previous_ = next_;
    std::vector<std::size_t> last(parts_.size(), MimePart::none);
    for (const MimePart& part : parts_) {
        if (part.parent == MimePart::none) continue;
        std::size_t& before = last[part.parent];
        previous_[part.index] = before;
        if (before != MimePart::none) next_[before] = part.index;
        before = part.index;
    }
}

bool RemainingParts::is_inside_of_dropped_or_new(const MimePart& part) const {
    for (std::size_t i = part.parent; i != MimePart::none; i = parts_[i].parent) {
        if (dropped_[i] || fates_[i].new_body) return true;
    }
    return false;
}

bool RemainingParts::is_first_of_dropped(const MimePart& part) const {
    const std::size_t before = previous_[part.index];
    return dropped_[part.index] && (before == MimePart::none || !dropped_[before]);
}

std::uint64_t RemainingParts::next_boundary(const MimePart& part, std::uint64_t end) const {
    for (std::size_t i = part.index; i != MimePart::none; i = parts_[i].parent) {
        for (std::size_t next = next_[i]; next != MimePart::none; next = next_[next]) {
            if (!dropped_[next]) return parts_[next].delimiter.begin;
        }
        const std::size_t parent = parts_[i].parent;
        if (parent != MimePart::none && !parts_[parent].close.empty())
            return parts_[parent].close.begin;
    }
    return end;
}

}  // namespace sluice::message
