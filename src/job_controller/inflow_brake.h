#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace sluice::job_controller {

/// INFLOW_BRAKE_MESSAGES, INFLOW_BRAKE_TIME.
struct InflowSettings {
    std::size_t messages = 10000;  ///< 0: no channel is ever behind
    std::chrono::seconds time{300};
};

/// What could be delivered of a channel now, and what has been since the start.
struct ChannelLoad {
    std::string channel;
    std::size_t ready = 0;
    std::uint64_t delivered = 0;
};

/// Which channels have fallen behind: so many messages are ready, and at the pace of the last half
/// minute they would take so long, for ten seconds on end. They have caught up when both are below
/// four fifths for as long. Pure; not thread-safe.
class InflowBrake {
public:
    static constexpr std::chrono::seconds look_every{1};
    static constexpr std::chrono::seconds holds_for{10};
    static constexpr std::chrono::seconds pace_of{30};

    struct Change {
        std::string channel;
        bool behind = false;
        std::size_t ready = 0;
        double pace = 0;  ///< deliveries a second
    };

    /// To be called about once a second. A channel that is not among the loads has nothing ready.
    std::vector<Change> observe(
        const InflowSettings& settings, std::span<const ChannelLoad> loads, MonoTime now
    );
    /// Those that are behind, in order.
    [[nodiscard]] std::vector<std::string> channels() const;
    [[nodiscard]] bool is_on() const;

private:
    struct Watched {
        std::deque<std::pair<MonoTime, std::uint64_t>> delivered;
        bool behind = false;
        std::optional<MonoTime> otherwise_since;  ///< what is seen is not what is said
        bool seen = false;
    };

    static double pace(Watched& watched, std::uint64_t delivered, MonoTime now);

    std::map<std::string, Watched, std::less<>> channels_;
};

}  // namespace sluice::job_controller
