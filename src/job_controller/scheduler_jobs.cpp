#include <algorithm>
#include <limits>

#include "job_controller/scheduler_impl.h"

// Jobs: when a channel program is started, and what its end means (job-controller.md section 3.1).
namespace sluice::job_controller {

namespace {

using std::chrono::seconds;

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
constexpr seconds fast{5};
constexpr unsigned fast_failures_allowed = 3;
constexpr seconds suspension{60};
/// A program that has not asked for work after this long does not count as starting any more.
constexpr seconds longest_start{10};

constexpr std::size_t divide_up(std::size_t value, std::size_t by) {
    return (value + by - 1) / by;
}

}  // namespace

Job* Scheduler::Impl::find_job(JobId id) {
    const auto found = id == 0 ? jobs.end() : jobs.find(id);
    return found == jobs.end() ? nullptr : &found->second;
}

// Further workers that the channel's ready messages justify: processes where all hosts are alike,
// threads where the host matters.
std::size_t Scheduler::Impl::demand(const ChannelState& channel) const {
    const ChannelQueue& queue = channel.queue;
    if (queue.available() == 0) return 0;
    if (!channel.settings().anon_host) return queue.wanted_threads();
    std::size_t in_progress = 0;
    for (const auto& [name, host] : queue.hosts()) in_progress += host->in_progress;
    std::size_t wanted = 1;
    if (const unsigned files = channel.settings().files_per_job; files > 0) {
        wanted = std::max(wanted, divide_up(queue.available() + in_progress, files));
    }
    if (const unsigned addrs = channel.settings().addrs_per_job; addrs > 0) {
        wanted = std::max(wanted, divide_up(queue.queued_recipients(), addrs));
    }
    return wanted;
}

bool Scheduler::Impl::is_starting(const Job& job, MonoTime now) const {
    return !job.connected && now - job.started < longest_start;
}

// Workers that the running processes can still bring without a further start.
std::size_t Scheduler::Impl::reserve(const ChannelState& channel, MonoTime now) const {
    std::size_t sum = 0;
    for (const auto& [id, job] : jobs) {
        if (job.channel != &channel || job.retiring) continue;
        if (channel.settings().anon_host) {
            ++sum;
        } else if (is_starting(job, now)) {
            // Not known yet how many threads the program has: wait until it says so.
            if (!channel.thread_limit) return unlimited;
            sum += *channel.thread_limit;
        } else if (job.workers > 0 && job.thread_limit > job.workers) {
            sum += job.thread_limit - job.workers;
        }
    }
    return sum;
}

void Scheduler::Impl::plan(ChannelState& channel, MonoTime now) {
    channel.blocked_by_pool = false;
    if (shutting_down || channel.stopped || channel.suspended_until ||
        channel.settings().master_command.empty()) {
        channel.met();
        return;
    }
    if (std::exchange(channel.poll, false) && channel.running == 0 && start_job(channel, now)) {
        jobs[last_job].poll = true;
    }
    const std::size_t wanted = demand(channel);
    if (wanted == 0) {
        channel.met();
        return;
    }
    if (!channel.unmet_since) channel.unmet_since = now;
    std::size_t coming = reserve(channel, now);
    // Threads that were promised and do not come: one process more.
    if (!channel.settings().anon_host && !channel.stall_check) {
        channel.stall_check = now + patience_with_threads;
    }
    if (channel.stall_check && now >= *channel.stall_check) {
        channel.stall_check = now + patience_with_threads;
        const bool starting = std::any_of(jobs.begin(), jobs.end(), [&](const auto& entry) {
            return entry.second.channel == &channel && is_starting(entry.second, now);
        });
        if (!starting && coming >= wanted) start_job(channel, now);
    }
    while (coming < wanted && start_job(channel, now)) {
        coming = reserve(channel, now);
    }
    if (channel.settings().anon_host && coming >= wanted) channel.met();
}

bool Scheduler::Impl::start_job(ChannelState& channel, MonoTime now) {
    if (channel.running >= most_jobs(channel)) return false;
    if (channel.pool->running >= channel.pool->job_limit) {
        channel.blocked_by_pool = true;
        if (channel.running == 0) make_room(channel);
        return false;
    }
    Job& job = jobs[++last_job];
    job.id = last_job;
    job.channel = &channel;
    job.started = now;
    ++channel.running;
    ++channel.pool->running;
    ++counters.jobs_started;
    decisions.emplace_back(StartJob{job.id, channel.settings().name});
    return true;
}

// The pool is full: an idle process of another channel makes way.
void Scheduler::Impl::make_room(ChannelState& channel) {
    if (channel.pool->retiring > 0) return;
    for (auto& [id, job] : jobs) {
        const bool idle = job.connected && job.workers > 0 && job.parked == job.workers;
        if (job.channel != &channel && job.channel->pool == channel.pool && idle) {
            retire(job);
            return;
        }
    }
}

void Scheduler::Impl::job_exited(JobId id, bool clean, MonoTime now) {
    Job* job = find_job(id);
    if (job == nullptr) return;
    ChannelState& channel = *job->channel;
    const bool useless = !job->connected && !job->poll;
    if (now - job->started < fast && (!clean || useless)) {
        ++channel.fast_failures;
    } else {
        channel.fast_failures = 0;
    }
    if (channel.fast_failures >= fast_failures_allowed) {
        channel.fast_failures = 0;
        channel.suspended_until = now + suspension;
        ++counters.suspensions;
        note(
            true, "channel " + channel.settings().name +
                      ": three jobs failed at once, no more are started for a minute"
        );
    }
    --channel.running;
    --channel.pool->running;
    if (job->retiring) --channel.pool->retiring;
    for (auto& [worker_id, worker] : workers) {
        if (worker->job == id) worker->job = 0;  // its connection is about to be closed
    }
    // Whoever waits for a place in the pool has a chance now.
    for (ChannelState& other : channels) {
        if (other.pool == channel.pool) other.dirty = true;
    }
    jobs.erase(id);
}

void Scheduler::job_started(JobId id, std::uint32_t pid, MonoTime /*now*/) {
    if (Job* job = impl_->find_job(id)) job->pid = pid;
}

void Scheduler::job_failed(JobId id, MonoTime now) {
    ++impl_->counters.jobs_failed;
    impl_->job_exited(id, false, now);
}

void Scheduler::job_exited(JobId id, bool clean, MonoTime now) {
    if (!clean) ++impl_->counters.jobs_failed;
    impl_->job_exited(id, clean, now);
}

void Scheduler::shut_down() {
    impl_->shutting_down = true;
    for (ChannelState& channel : impl_->channels) {
        const std::vector<Worker*> parked = channel.parked;
        for (Worker* worker : parked) {
            impl_->unpark(*worker);
            impl_->tell_exit(*worker);
        }
    }
}

std::size_t Scheduler::running_jobs() const {
    return impl_->jobs.size();
}

}  // namespace sluice::job_controller
