#include <algorithm>

#include "job_controller/channel_queue.h"

// Hosts that cannot be reached, their probes, and how they come back.
namespace sluice::job_controller {

namespace {

using std::chrono::seconds;

/// What is held back for a host that was reached again is released in steps of this.
constexpr seconds ramp_step{1};

}  // namespace

void ChannelQueue::set_down(Host& host, MonoTime until) {
    leave_down(host);
    end_ramp(host);
    host.state = Host::State::down;
    host.down_until = until;
    down_.emplace(std::pair(until, host.id), &host);
    refresh(host);
}

void ChannelQueue::leave_down(Host& host) {
    if (host.state == Host::State::down) down_.erase({host.down_until, host.id});
}

void ChannelQueue::host_reached(Host& host, MonoTime now) {
    host.last_success = now;
    if (host.state == Host::State::up) return;
    leave_down(host);
    host.state = Host::State::up;
    host.failures = 0;
    host.reason.clear();
    host.up_since = now;
    begin_ramp(host, now);
    refresh(host);
}

// A host that has just come back is not met by everything that waited for it at once: an equal
// share of it becomes available each second. What comes in meanwhile is not held back.
void ChannelQueue::begin_ramp(Host& host, MonoTime now) {
    const auto steps = static_cast<std::size_t>(settings_.host_ramp.count());
    if (steps == 0 || host.ready.size() < 2) return;
    host.held_back = static_cast<std::uint32_t>(host.ready.size());
    host.ramp_share = static_cast<std::uint32_t>((host.ready.size() + steps - 1) / steps);
    host.ramp_next = now;
    step_ramp(host);
}

void ChannelQueue::step_ramp(Host& host) {
    ramps_.erase({host.ramp_next, host.id});
    host.held_back -= std::min(host.held_back, host.ramp_share);
    if (host.held_back == 0) return;
    host.ramp_next += ramp_step;
    ramps_.emplace(std::pair(host.ramp_next, host.id), &host);
}

void ChannelQueue::end_ramp(Host& host) {
    ramps_.erase({host.ramp_next, host.id});
    host.held_back = 0;
}

void ChannelQueue::host_failed(
    Host& host, seconds own_pause, std::string_view reason, MonoTime now
) {
    host.reason = reason;
    if (host.state == Host::State::down) return;  // one of several that failed together
    ++host.failures;
    const seconds pause =
        settings_.host_backoff.empty() ? own_pause : settings_.host_backoff.after(host.failures);
    set_down(host, now + pause);
}

void ChannelQueue::probe_inconclusive(Host& host, seconds pause, MonoTime now) {
    set_down(host, now + pause);
}

void ChannelQueue::probing(Host& host) {
    host.state = Host::State::probing;
    refresh(host);
}

bool ChannelQueue::release_now(Host& host) {
    if (host.held_back > 0) {
        end_ramp(host);
        refresh(host);
        return true;
    }
    if (host.state != Host::State::down) return false;
    leave_down(host);
    host.state = Host::State::probe_due;
    refresh(host);
    return true;
}

// Nobody would learn from a probe any more.
void ChannelQueue::forget_failures() {
    down_.clear();
    for (const auto& [name, host] : hosts_) {
        host->state = Host::State::up;
        host->failures = 0;
        host->reason.clear();
        end_ramp(*host);
    }
    std::erase_if(hosts_, [this](const auto& entry) {
        if (!entry.second->unused()) return false;
        take_from_place(*entry.second);
        return true;
    });
}

}  // namespace sluice::job_controller
