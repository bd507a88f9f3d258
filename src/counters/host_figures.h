#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "jobs/control_client.h"

namespace sluice::counters {

/// One destination host of a channel and the messages that wait for it.
struct HostLoad {
    std::string channel;
    std::string host;
    std::uint64_t messages = 0;
};

/// What the metrics tell of destination hosts: how many are in which state, and by name only those
/// for which most waits, since every name is a series for ever in whatever keeps the metrics.
struct HostFigures {
    enum class State : std::uint8_t { up, down, probing };

    std::map<std::pair<std::string, State>, std::uint64_t> hosts;  ///< by channel and state
    std::vector<HostLoad> busiest;                                 ///< most first
};

/// Keeps the figures of hosts that come one by one, and the names of `most` of them. Pure.
class HostTally {
public:
    explicit HostTally(std::size_t most) : most_(most) {}
    /// A channel whose hosts are all alike has one row without a name, which does not count.
    void add(const jobs::HostRow& row);
    [[nodiscard]] HostFigures take();

private:
    std::size_t most_;
    HostFigures figures_;
};

Result<HostFigures> ask_for_hosts(jobs::ControlClient& controller, std::size_t most);

}  // namespace sluice::counters
