#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "base/shared_text.h"
#include "job_controller/job_controller_impl.h"
#include "job_controller/scheduler_impl.h"
#include "jobs/inflow_state.h"

// The inflow brake: what the schedule has to say about it, and who is told.
namespace sluice::job_controller {

namespace {

/// Below this share of INFLOW_BRAKE_MESSAGES no channel can be behind or stay so.
constexpr std::size_t tenths_of_interest = 8;
constexpr std::size_t tenths = 10;

std::size_t least_of_interest(const InflowSettings& settings) {
    return std::max<std::size_t>(settings.messages * tenths_of_interest / tenths, 1);
}

/// Ready messages without those of the busiest host, where others have mail too.
std::size_t ready_for_several(const ChannelQueue& queue) {
    if (queue.hosts().size() < 2) return queue.available();
    std::size_t largest = 0;
    for (const auto& [name, host] : queue.hosts())
        largest = std::max<std::size_t>(largest, host->available);
    return queue.available() - std::min(largest, queue.available());
}

std::string describe(const InflowBrake::Change& change) {
    return "channel " + change.channel +
           (change.behind ? " has fallen behind: " : " has caught up: ") +
           std::to_string(change.ready) + " messages are ready, " +
           std::to_string(std::lround(change.pace)) + " a second are delivered" +
           (change.behind ? "; who brings many is slowed down" : "");
}

}  // namespace

std::vector<ChannelLoad> Scheduler::loads(std::size_t least) const {
    std::vector<ChannelLoad> loads;
    for (const ChannelState& channel : impl_->channels) {
        if (channel.removed || channel.stopped || channel.settings().master_command.empty() ||
            channel.queue.available() < least)
            continue;
        const std::size_t ready = ready_for_several(channel.queue);
        if (ready < least) continue;
        loads.push_back({channel.settings().name, ready, channel.delivered});
    }
    return loads;
}

bool JobController::Impl::must_watch_inflow() const {
    if (settings.inflow_state.empty()) return false;
    if (brake.is_on()) return true;
    return settings.inflow.messages > 0 &&
           scheduler.tracked() >= least_of_interest(settings.inflow);
}

void JobController::Impl::watch_inflow() {
    const MonoTime now = clock.mono_now();
    if (!must_watch_inflow() || now < next_inflow_look) return;
    next_inflow_look = now + InflowBrake::look_every;
    const auto loads = scheduler.loads(least_of_interest(settings.inflow));
    const auto seen = brake.observe(settings.inflow, loads, now);
    for (const InflowBrake::Change& change : seen) diag::warning(describe(change));
    if (seen.empty() && (!brake.is_on() || now < next_inflow_beat)) return;
    next_inflow_beat = now + jobs::FreshInflow::beat_every;
    tell_inflow(seen.size());
}

void JobController::Impl::tell_inflow(std::uint64_t further) {
    if (settings.inflow_state.empty()) return;
    const auto told = change_shared_text(settings.inflow_state, [&](std::string_view text) {
        jobs::InflowState state = jobs::InflowState::parse(text);
        state.changes += further;
        ++state.beat;
        state.channels = brake.channels();
        return state.to_text();
    });
    if (!told) diag::warning("inflow brake: " + told.error().detail());
}

}  // namespace sluice::job_controller
