#pragma once

#include <map>
#include <optional>
#include <vector>

#include "access/verdict.h"
#include "base/clock.h"
#include "dispatcher/service_number.h"
#include "net/handoff.h"

namespace sluice::dispatcher {

/// A connection about which PORT_ACCESS has spoken.
struct DecidedConnection {
    ServiceNumber service = 0;
    net::HandedConnection connection;
    access::Verdict verdict;
};

/// Connections that PORT_ACCESS lets wait (`$D`) before they are handed over or refused. Nobody is
/// waited for: the event loop comes back when one is due. Not thread-safe.
class DelayedConnections {
public:
    /// Each holds a descriptor; who comes when so many wait is not delayed.
    static constexpr std::size_t limit = 1000;

    [[nodiscard]] bool has_room() const { return waiting_.size() < limit; }
    void add(DecidedConnection connection, MonoTime due);
    [[nodiscard]] std::optional<MonoTime> next_due() const;
    [[nodiscard]] std::vector<DecidedConnection> take_due(MonoTime now);
    void clear() { waiting_.clear(); }

private:
    std::multimap<MonoTime, DecidedConnection> waiting_;
};

}  // namespace sluice::dispatcher
