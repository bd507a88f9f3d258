#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "job_controller/scheduler_impl.h"

// What the configuration says, and how another one is taken while messages wait and jobs run.
namespace sluice::job_controller {

void Scheduler::Impl::take_options(const JobControllerSettings& settings) {
    max_messages = std::max<std::size_t>(1, settings.max_messages);
    synch_time = settings.synch_time;
    synch_age = settings.synch_age;
    job_idle = settings.job_idle;
    identify = settings.identify_scanned;
}

// A pool that is gone stays for the jobs that were started in it.
void Scheduler::Impl::take_pools(const std::vector<PoolSettings>& settings) {
    default_pool = nullptr;
    for (const PoolSettings& one : settings) {
        auto pool = std::find_if(pools.begin(), pools.end(), [&](const Pool& known) {
            return equals_ignoring_case(known.name, one.name);
        });
        if (pool == pools.end()) pool = pools.insert(pools.end(), Pool{one.name, 1, 0, 0});
        pool->job_limit = std::max(1U, one.job_limit);
        if (default_pool == nullptr) default_pool = &*pool;
    }
    if (default_pool != nullptr) return;
    if (pools.empty()) pools.push_back(Pool{"DEFAULT", PoolSettings().job_limit, 0, 0});
    default_pool = &pools.front();
}

Pool& Scheduler::Impl::pool_for(const ChannelSettings& channel) {
    const auto named = std::find_if(pools.begin(), pools.end(), [&](const Pool& pool) {
        return equals_ignoring_case(pool.name, channel.pool);
    });
    if (named != pools.end()) return *named;
    if (!channel.pool.empty()) {
        note(
            true, "channel " + channel.name + ": unknown pool " + channel.pool + ", using " +
                      default_pool->name
        );
    }
    return *default_pool;
}

// Its jobs count where the channel is.
void Scheduler::Impl::move_to_pool(ChannelState& channel, Pool& pool) {
    if (channel.pool == &pool) return;
    for (const auto& [id, job] : jobs) {
        if (job.channel != &channel) continue;
        --channel.pool->running;
        ++pool.running;
        if (!job.retiring) continue;
        --channel.pool->retiring;
        ++pool.retiring;
    }
    channel.pool = &pool;
}

void Scheduler::Impl::take_channel(
    const ChannelSettings& settings, std::vector<std::string>& notes
) {
    Pool& pool = pool_for(settings);
    ChannelState* channel = find_channel(settings.name);
    if (channel == nullptr) {
        channel = &channels.emplace_back(settings, pool);
        by_name[to_lower(settings.name)] = channel;
        request_scan(*channel, std::chrono::seconds(0));
        return;
    }
    if (channel->settings().anon_host != settings.anon_host) {
        notes.push_back(
            "channel " + settings.name +
            ": ANON_HOST changes with the next restart of the job controller"
        );
    }
    move_to_pool(*channel, pool);
    const bool same_limits = channel->settings().thread_depth == settings.thread_depth &&
                             channel->settings().max_jobs == settings.max_jobs;
    channel->queue.reconfigure(settings);
    keep_stress(*channel, same_limits);
    channel->dirty = true;
    if (!std::exchange(channel->removed, false)) return;
    channel->stopped = settings.stopped;
    request_scan(*channel, std::chrono::seconds(0));
}

// Programs that run began with the old configuration: they finish what they have in hand and go.
std::vector<std::string> Scheduler::Impl::reconfigure(const JobControllerSettings& settings) {
    std::vector<std::string> notes;
    take_options(settings);
    take_pools(settings.pools);
    std::set<std::string> configured;
    for (const ChannelSettings& channel : settings.channels) {
        configured.insert(to_lower(channel.name));
        take_channel(channel, notes);
    }
    for (ChannelState& channel : channels) {
        if (configured.contains(to_lower(channel.settings().name))) continue;
        if (!channel.removed && channel.queue.messages > 0) {
            notes.push_back(
                "channel " + channel.settings().name + " is gone; its " +
                std::to_string(channel.queue.messages) + " messages stay in the queue"
            );
        }
        channel.removed = channel.stopped = true;
        move_to_pool(channel, *default_pool);
    }
    for (auto& [id, job] : jobs) retire(job);
    for (ChannelState& channel : channels) channel.dirty = true;
    return notes;
}

std::vector<std::string> Scheduler::reconfigure(const JobControllerSettings& settings) {
    return impl_->reconfigure(settings);
}

}  // namespace sluice::job_controller
