#include "dispatcher/source_shares.h"

#include "base/client_network.h"

namespace sluice::dispatcher {

void SourceShares::set_limit(std::size_t limit, bool may_tighten) {
    limit_ = limit;
    may_tighten_ = may_tighten;
    if (counts()) return;
    connections_.clear();
    counts_.clear();
}

bool SourceShares::enter(std::uint64_t connection, const IpAddress& source) {
    if (!counts()) return true;
    const IpAddress network = client_network(source);
    const std::size_t has = connections_of(source);
    if ((limit_ > 0 && has >= limit_) || (tightened_ > 0 && has >= tightened_)) return false;
    ++counts_[network];
    connections_[connection] = {network, 0};
    return true;
}

void SourceShares::assign(std::uint64_t connection, const IpAddress& source, WorkerId worker) {
    if (!counts()) return;
    const auto [entry, is_new] = connections_.try_emplace(connection);
    if (is_new) {
        entry->second.source = client_network(source);
        ++counts_[entry->second.source];
    }
    entry->second.worker = worker;
}

void SourceShares::leave(std::uint64_t connection) {
    const auto found = connections_.find(connection);
    if (found == connections_.end()) return;
    forget(found->second.source);
    connections_.erase(found);
}

void SourceShares::leave_all_of(WorkerId worker) {
    std::erase_if(connections_, [&](const auto& one) {
        if (one.second.worker != worker) return false;
        forget(one.second.source);
        return true;
    });
}

void SourceShares::forget(const IpAddress& source) {
    const auto count = counts_.find(source);
    if (count != counts_.end() && --count->second == 0) counts_.erase(count);
}

bool SourceShares::is_tightened_for(const IpAddress& source) const {
    const std::size_t has = connections_of(source);
    return tightened_ > 0 && has >= tightened_ && !(limit_ > 0 && has >= limit_);
}

std::size_t SourceShares::connections_of(const IpAddress& source) const {
    const auto count = counts_.find(client_network(source));
    return count != counts_.end() ? count->second : 0;
}

}  // namespace sluice::dispatcher
