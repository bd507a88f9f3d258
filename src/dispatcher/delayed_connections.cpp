#include "dispatcher/delayed_connections.h"

#include <utility>

namespace sluice::dispatcher {

void DelayedConnections::add(DecidedConnection connection, MonoTime due) {
    waiting_.emplace(due, std::move(connection));
}

std::optional<MonoTime> DelayedConnections::next_due() const {
    if (waiting_.empty()) return std::nullopt;
    return waiting_.begin()->first;
}

std::vector<DecidedConnection> DelayedConnections::take_due(MonoTime now) {
    std::vector<DecidedConnection> due;
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
        due.push_back(std::move(waiting_.begin()->second));
        waiting_.erase(waiting_.begin());
    }
    return due;
}

}  // namespace sluice::dispatcher
