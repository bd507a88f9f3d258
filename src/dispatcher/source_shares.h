#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/ip_address.h"
#include "dispatcher/worker_pool.h"

namespace sluice::dispatcher {

/// MAX_CONNS_PER_SOURCE: how many connections of a service each client address has, from the accept
/// to the end of the session. Of IPv6 the first 64 bits count: they are what a host is given.
/// Memory: one entry for each connection of the service. Without a limit nothing is kept. Pure; not
/// thread-safe.
class SourceShares {
public:
    explicit SourceShares(std::size_t limit) : limit_(limit) {}
    /// From now on; who has more keeps them. Connections that came while there was no limit are not
    /// counted.
    void set_limit(std::size_t limit);

    /// False: the address has its share, the connection is not counted.
    [[nodiscard]] bool enter(std::uint64_t connection, const IpAddress& source);
    /// The worker has it now, and takes it along when it dies. Counts it where it was not.
    void assign(std::uint64_t connection, const IpAddress& source, WorkerId worker);
    void leave(std::uint64_t connection);
    void leave_all_of(WorkerId worker);

    /// For the log, after enter() was false: how many were refused since this last had a value, at
    /// most once a minute.
    std::optional<std::size_t> refusals_to_tell(MonoTime now);
    [[nodiscard]] std::size_t limit() const { return limit_; }
    [[nodiscard]] std::size_t connections_of(const IpAddress& source) const;

private:
    struct Entry {
        IpAddress source;
        WorkerId worker = 0;
    };

    void forget(const IpAddress& source);

    std::size_t limit_;
    std::unordered_map<std::uint64_t, Entry> connections_;
    std::map<IpAddress, std::size_t> counts_;
    std::size_t refused_ = 0;
    std::optional<MonoTime> told_;
};

}  // namespace sluice::dispatcher
