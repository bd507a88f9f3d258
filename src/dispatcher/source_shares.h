#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>

#include "base/ip_address.h"
#include "dispatcher/worker_pool.h"

namespace sluice::dispatcher {

/// How many connections of a service each client address has, from the accept to the end of the
/// session: MAX_CONNS_PER_SOURCE, and STRESS_SOURCE_PERCENT while the service is under stress. Of
/// IPv6 the first 64 bits count: they are what a host is given. Memory: one entry for each
/// connection of the service; without any limit nothing is kept. Pure; not thread-safe.
class SourceShares {
public:
    /// `may_tighten`: tighten() will be called.
    explicit SourceShares(std::size_t limit, bool may_tighten = false)
        : limit_(limit), may_tighten_(may_tighten) {}
    /// From now on; who has more keeps them. Connections that came while nothing was counted are
    /// not counted.
    void set_limit(std::size_t limit, bool may_tighten = false);
    /// A lower limit for the time being; 0: none.
    void tighten(std::size_t limit) { tightened_ = limit; }

    /// False: the address has its share, the connection is not counted.
    [[nodiscard]] bool enter(std::uint64_t connection, const IpAddress& source);
    /// The worker has it now, and takes it along when it dies. Counts it where it was not.
    void assign(std::uint64_t connection, const IpAddress& source, WorkerId worker);
    void leave(std::uint64_t connection);
    void leave_all_of(WorkerId worker);

    [[nodiscard]] std::size_t limit() const { return limit_; }
    /// Whether it is the lower limit that the address has come to.
    [[nodiscard]] bool is_tightened_for(const IpAddress& source) const;
    [[nodiscard]] std::size_t connections_of(const IpAddress& source) const;

private:
    struct Entry {
        IpAddress source;
        WorkerId worker = 0;
    };

    void forget(const IpAddress& source);
    [[nodiscard]] bool counts() const { return limit_ > 0 || may_tighten_; }

    std::size_t limit_;
    bool may_tighten_;
    std::size_t tightened_ = 0;
    std::unordered_map<std::uint64_t, Entry> connections_;
    std::map<IpAddress, std::size_t> counts_;
};

}  // namespace sluice::dispatcher
