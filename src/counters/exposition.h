#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/shared_switch.h"
#include "counters/host_figures.h"
#include "counters/report.h"
#include "counters/segment.h"

namespace sluice::counters {

/// Held messages of one channel for one reason ("loop", "operator").
struct HeldMessages {
    std::string channel;
    std::string reason;
    std::uint64_t count = 0;
};

/// Free room of the file system of the queue.
struct FreeRoom {
    std::uint64_t octets = 0;
    std::uint64_t inodes = 0;
};

/// What the servers have found about it.
struct RoomState {
    unsigned state = 0;  ///< 0 normal, 1 soft, 2 hard
    std::uint64_t changes = 0;
};

/// Everything the metrics tell. What is not known is left out, metric and all.
struct Exposition {
    std::vector<ChannelCounts> counts;
    std::optional<std::vector<Waiting>> waiting;
    std::optional<HostFigures> hosts;
    std::optional<std::vector<HeldMessages>> held;
    std::optional<FreeRoom> free_room;
    std::optional<RoomState> room_state;
    std::optional<LimitCounts> limits;
    std::optional<std::vector<std::string>> channels_behind;
    std::uint64_t inflow_changes = 0;
    std::optional<SharedSwitch> stress;
    std::string version;
    std::uint64_t generation = 0;
    WallTime now{};
};

/// Text exposition format 0.0.4 of Prometheus. Pure.
std::string prometheus_text(const Exposition& exposition);
inline constexpr const char* prometheus_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace sluice::counters
