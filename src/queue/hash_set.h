#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::queue {

/// A set of 64-bit hashes in one block of memory, at most 16 octets per member.
class HashSet {
public:
    /// False where it was there already.
    bool insert(std::uint64_t hash) {
        if (hash == 0) hash = 1;  // 0 marks a free slot
        if (2 * (count_ + 1) > slots_.size()) grow();
        const bool added = place(hash);
        if (added) ++count_;
        return added;
    }

private:
    bool place(std::uint64_t hash) {
        const std::size_t mask = slots_.size() - 1;
        for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
            if (slots_[at] == hash) return false;
            if (slots_[at] != 0) continue;
            slots_[at] = hash;
            return true;
        }
    }

    void grow() {
        std::vector<std::uint64_t> old(slots_.empty() ? 64 : slots_.size() * 2, 0);
        old.swap(slots_);
        for (const std::uint64_t hash : old) {
            if (hash != 0) (void)place(hash);
        }
    }

    std::vector<std::uint64_t> slots_;
    std::size_t count_ = 0;
};

}  // namespace sluice::queue
