#include "dispatcher/source_shares.h"

#include <algorithm>
#include <utility>

namespace sluice::dispatcher {

namespace {

constexpr std::chrono::minutes told_every{1};
constexpr std::size_t octets_of_a_network = 8;

IpAddress network_of(const IpAddress& address) {
    if (address.is_v4()) return address;
    auto octets = address.octets();
    std::fill(octets.begin() + octets_of_a_network, octets.end(), std::uint8_t{0});
    return IpAddress::v6(octets);
}

}  // namespace

void SourceShares::set_limit(std::size_t limit) {
    limit_ = limit;
    if (limit_ > 0) return;
    connections_.clear();
    counts_.clear();
}

bool SourceShares::enter(std::uint64_t connection, const IpAddress& source) {
    if (limit_ == 0) return true;
    const IpAddress network = network_of(source);
    std::size_t& count = counts_[network];
    if (count >= limit_) {
        ++refused_;
        return false;
    }
    ++count;
    connections_[connection] = {network, 0};
    return true;
}

void SourceShares::assign(std::uint64_t connection, const IpAddress& source, WorkerId worker) {
    if (limit_ == 0) return;
    const auto [entry, is_new] = connections_.try_emplace(connection);
    if (is_new) {
        entry->second.source = network_of(source);
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

std::optional<std::size_t> SourceShares::refusals_to_tell(MonoTime now) {
    if (refused_ == 0 || (told_ && now - *told_ < told_every)) return std::nullopt;
    told_ = now;
    return std::exchange(refused_, 0);
}

std::size_t SourceShares::connections_of(const IpAddress& source) const {
    const auto count = counts_.find(network_of(source));
    return count != counts_.end() ? count->second : 0;
}

}  // namespace sluice::dispatcher
