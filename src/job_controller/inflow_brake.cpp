#include "job_controller/inflow_brake.h"

#include <algorithm>

namespace sluice::job_controller {

namespace {

/// A channel that is behind stays so down to this share of what made it so.
constexpr double catches_up_at = 0.8;

bool is_behind(const InflowSettings& settings, std::size_t ready, double pace, bool before) {
    if (settings.messages == 0) return false;
    const double share = before ? catches_up_at : 1.0;
    const auto messages = static_cast<double>(ready);
    return messages >= share * static_cast<double>(settings.messages) &&
           messages >= share * pace * static_cast<double>(settings.time.count());
}

}  // namespace

double InflowBrake::pace(Watched& watched, std::uint64_t delivered, MonoTime now) {
    auto& samples = watched.delivered;
    samples.emplace_back(now, delivered);
    while (now - samples.front().first > pace_of) samples.pop_front();
    const std::chrono::duration<double> time = now - samples.front().first;
    if (time.count() <= 0) return 0;
    return static_cast<double>(delivered - samples.front().second) / time.count();
}

std::vector<InflowBrake::Change> InflowBrake::observe(
    const InflowSettings& settings, std::span<const ChannelLoad> loads, MonoTime now
) {
    std::vector<Change> changes;
    for (auto& [channel, watched] : channels_) watched.seen = false;
    const auto look = [&](const std::string& channel, Watched& watched, std::size_t ready,
                          double at) {
        watched.seen = true;
        if (is_behind(settings, ready, at, watched.behind) == watched.behind) {
            watched.otherwise_since.reset();
            return;
        }
        if (!watched.otherwise_since) watched.otherwise_since = now;
        if (now - *watched.otherwise_since < holds_for) return;
        watched.behind = !watched.behind;
        watched.otherwise_since.reset();
        changes.push_back({channel, watched.behind, ready, at});
    };
    for (const ChannelLoad& load : loads) {
        Watched& watched = channels_[load.channel];
        look(load.channel, watched, load.ready, pace(watched, load.delivered, now));
    }
    for (auto& [channel, watched] : channels_) {
        if (watched.seen) continue;
        watched.delivered.clear();
        look(channel, watched, 0, 0);
        watched.seen = false;
    }
    std::erase_if(channels_, [](const auto& one) {
        return !one.second.seen && !one.second.behind;
    });
    return changes;
}

std::vector<std::string> InflowBrake::channels() const {
    std::vector<std::string> behind;
    for (const auto& [channel, watched] : channels_) {
        if (watched.behind) behind.push_back(channel);
    }
    return behind;
}

bool InflowBrake::is_on() const {
    return std::any_of(channels_.begin(), channels_.end(), [](const auto& one) {
        return one.second.behind;
    });
}

}  // namespace sluice::job_controller
