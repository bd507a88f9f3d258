#include "dispatcher/source_counts.h"

namespace sluice::dispatcher {

void SourceCounts::begin(std::uint64_t connection, const IpAddress& address) {
    const bool is_new = connections_.try_emplace(connection, Connection{address}).second;
    if (is_new) ++counts_[address];
}

void SourceCounts::assign(std::uint64_t connection, WorkerId worker) {
    const auto found = connections_.find(connection);
    if (found == connections_.end()) return;
    found->second.worker = worker;
    found->second.is_assigned = true;
}

void SourceCounts::end(std::uint64_t connection) {
    const auto found = connections_.find(connection);
    if (found == connections_.end()) return;
    const auto count = counts_.find(found->second.address);
    if (--count->second == 0) counts_.erase(count);
    connections_.erase(found);
}

void SourceCounts::end_all_of(WorkerId worker, const std::set<std::uint64_t>& kept) {
    std::set<std::uint64_t> ended;
    for (const auto& [id, connection] : connections_) {
        if (connection.is_assigned && connection.worker == worker && !kept.contains(id))
            ended.insert(id);
    }
    for (const std::uint64_t id : ended) end(id);
}

std::size_t SourceCounts::of(const IpAddress& address) const {
    const auto found = counts_.find(address);
    return found != counts_.end() ? found->second : 0;
}

}  // namespace sluice::dispatcher
