#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>

#include "base/ip_address.h"
#include "dispatcher/worker_pool.h"

namespace sluice::dispatcher {

/// The connections of a service by the address they come from, from the moment they are accepted
/// until they end.
class SourceCounts {
public:
    void begin(std::uint64_t connection, const IpAddress& address);
    /// It is with that worker now.
    void assign(std::uint64_t connection, WorkerId worker);
    void end(std::uint64_t connection);
    /// Everything that worker had ended with it, except these, which others get.
    void end_all_of(WorkerId worker, const std::set<std::uint64_t>& kept);
    [[nodiscard]] std::size_t of(const IpAddress& address) const;

private:
    struct Connection {
        IpAddress address;
        WorkerId worker = 0;
        bool is_assigned = false;
    };
    std::map<std::uint64_t, Connection> connections_;
    std::map<IpAddress, std::size_t> counts_;
};

}  // namespace sluice::dispatcher
