#include <algorithm>

#include "job_controller/scheduler_impl.h"

// The far end of a channel is overloaded: fewer deliveries side by side until it has recovered
// (job-controller.md section 8).
namespace sluice::job_controller {

Stress::Limits Scheduler::Impl::normal_limits(const ChannelState& channel) {
    const ChannelSettings& settings = channel.settings();
    return {
        std::max(1U, settings.thread_depth),
        std::max(1U, std::min(settings.max_jobs, channel.pool->job_limit))};
}

unsigned Scheduler::Impl::most_jobs(const ChannelState& channel) {
    if (channel.stress.is_on()) return channel.stress.limits(normal_limits(channel)).jobs;
    return std::max(1U, channel.settings().max_jobs);
}

void Scheduler::Impl::stress(ChannelState& channel, MonoTime now) {
    if (!channel.stress.report(channel.settings().stress, normal_limits(channel), now)) return;
    ++counters.stresses;
    stress_changed(channel);
}

void Scheduler::Impl::relax(ChannelState& channel, MonoTime now) {
    if (channel.stress.relax(channel.settings().stress, normal_limits(channel), now))
        stress_changed(channel);
}

void Scheduler::Impl::stress_changed(ChannelState& channel) {
    const Stress::Limits limits = channel.stress.limits(normal_limits(channel));
    channel.queue.set_thread_depth(limits.thread_depth);
    channel.dirty = true;
    const std::string text = ": threaddepth " + std::to_string(limits.thread_depth) +
                             ", processes at most " + std::to_string(limits.jobs);
    note(
        channel.stress.is_on(),
        "channel " + channel.settings().name +
            (channel.stress.is_on() ? " is under stress" : " has recovered") + text
    );
}

// Through a reconfiguration, which has no opinion about the far end. Limits of its own are meant.
void Scheduler::Impl::keep_stress(ChannelState& channel, bool same_limits) {
    if (!channel.stress.is_on()) return;
    if (!same_limits) channel.stress = {};
    stress_changed(channel);
}

// Whether the channel has more processes than it may have now.
bool Scheduler::Impl::is_surplus(const Job& job) const {
    const ChannelState& channel = *job.channel;
    if (!channel.stress.is_on()) return false;
    const auto retiring = std::count_if(jobs.begin(), jobs.end(), [&](const auto& entry) {
        return entry.second.channel == &channel && entry.second.retiring;
    });
    return channel.running > most_jobs(channel) + static_cast<unsigned>(retiring);
}

bool Scheduler::stress(std::string_view name, MonoTime now) {
    ChannelState* channel = impl_->find_channel(name);
    if (channel != nullptr) impl_->stress(*channel, now);
    return channel != nullptr;
}

}  // namespace sluice::job_controller
