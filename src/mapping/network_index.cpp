#include "mapping/network_index.h"

#include <algorithm>

#include "mapping/address_run.h"

namespace sluice::mapping {

std::string NetworkIndex::key(const IpAddress& address, unsigned bits) {
    std::string key{address.is_v6() ? '6' : '4', static_cast<char>(bits)};
    const auto& octets = address.octets();
    for (unsigned i = 0; i < bits / 8; ++i) key += static_cast<char>(octets[i]);
    const unsigned rest = bits % 8;
    if (rest != 0) key += static_cast<char>(octets[bits / 8] >> (8 - rest));
    return key;
}

void NetworkIndex::add(const IpAddress& address, unsigned bits, std::uint32_t entry) {
    entries_[key(address, bits)].push_back(entry);
    auto& lengths = address.is_v6() ? lengths_v6_ : lengths_v4_;
    if (std::find(lengths.begin(), lengths.end(), bits) == lengths.end()) lengths.push_back(bits);
}

void NetworkIndex::collect(std::string_view folded, std::vector<std::uint32_t>& entries) const {
    collect_family(folded, false, entries);
    collect_family(folded, true, entries);
}

/// An element may begin in the middle of a run, behind a wildcard, so every place is tried; it
/// always ends where the run ends.
void NetworkIndex::collect_family(
    std::string_view folded, bool v6, std::vector<std::uint32_t>& entries
) const {
    const auto& lengths = v6 ? lengths_v6_ : lengths_v4_;
    if (lengths.empty()) return;
    std::size_t end = 0;
    for (std::size_t begin = 0; begin < folded.size(); ++begin) {
        if (begin >= end) end = address_run_end(folded, begin, v6);
        const auto address =
            parse_address_run(folded.substr(begin, end - std::min(begin, end)), v6);
        if (!address) continue;
        for (const unsigned bits : lengths) {
            const auto found = entries_.find(key(*address, bits));
            if (found == entries_.end()) continue;
            entries.insert(entries.end(), found->second.begin(), found->second.end());
        }
    }
}

}  // namespace sluice::mapping
