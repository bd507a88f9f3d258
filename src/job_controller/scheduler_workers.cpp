#include <algorithm>
#include <cassert>
#include <functional>
#include <limits>

#include "job_controller/scheduler_impl.h"

// Workers: their questions, what they are given, how long they may wait.
namespace sluice::job_controller {

namespace {

using std::chrono::seconds;

/// Pause for a worker that does not want to wait.
constexpr seconds pause_of_the_impatient{5};
/// Messages for one host in a row while other hosts have no worker.
constexpr std::uint32_t longest_turn = 100;
/// ... and how long, so that a slow host takes no more time than a quick one.
constexpr seconds longest_turn_time{30};
/// Waiting workers that are searched for one with a session to the host.
constexpr std::size_t search_depth = 32;
/// A channel that waits this long for a place in its pool gets one from a busy channel.
constexpr seconds longest_wait_for_pool{30};
/// A message that was in a lost worker's hands this often is no longer retried at once.
constexpr unsigned trusted_crashes = 1;

}  // namespace

Worker* Scheduler::Impl::admit(WorkerId id, const jobs::Ask& ask, MonoTime now) {
    const auto found = workers.find(id);
    ChannelState* channel = find_channel(ask.channel);
    if (found != workers.end()) {
        Worker* worker = found->second.get();
        return worker->channel == channel && !worker->parked ? worker : nullptr;
    }
    if (channel == nullptr) return nullptr;
    auto worker = std::make_unique<Worker>();
    worker->id = id;
    worker->channel = channel;
    worker->pid = ask.pid;
    worker->idle_since = now;
    ++channel->workers;
    if (Job* job = find_job(ask.job); job != nullptr && job->channel == channel) {
        worker->job = job->id;
        job->connected = true;
        job->thread_limit = std::max<std::uint16_t>(1, ask.thread_limit);
        channel->thread_limit = job->thread_limit;
        ++job->workers;
    }
    return workers.emplace(id, std::move(worker)).first->second.get();
}

bool Scheduler::Impl::ask(WorkerId id, const jobs::Ask& ask, MonoTime now) {
    Worker* worker = admit(id, ask, now);
    if (worker == nullptr) return false;
    Job* job = find_job(worker->job);
    worker->channel->dirty = true;
    worker->max_messages =
        std::clamp<std::uint16_t>(ask.max_messages, 1, static_cast<std::uint16_t>(jobs::max_batch));
    if (worker->host != nullptr) worker->idle_since = now;
    if (shutting_down || (job != nullptr && must_retire(*job, now))) {
        release_host(*worker);
        if (job != nullptr) retire(*job);
        tell_exit(*worker);
        return true;
    }
    if (may_continue(*worker, now)) {
        give(*worker, *worker->host, now);
        return true;
    }
    if (worker->host != nullptr && !worker->channel->stopped) {
        // Chosen while the worker still counts for its old host, which thus is not chosen again.
        if (Host* other = worker->channel->queue.choose_host(now)) {
            give(*worker, *other, now);
            return true;
        }
    }
    release_host(*worker);
    worker->patient = ask.patience > 0;
    worker->wait_until = now + seconds(ask.patience);
    park(*worker, now);
    return true;
}

bool Scheduler::Impl::must_retire(const Job& job, MonoTime now) const {
    const ChannelState& channel = *job.channel;
    if (job.retiring || now - job.started >= channel.settings().max_life_age ||
        job.answers >= channel.settings().max_life_conns || is_surplus(job)) {
        return true;
    }
    if (channel.pool->retiring > 0) return false;
    // Share the pool with channels that have no process at all.
    return std::any_of(channels.begin(), channels.end(), [&](const ChannelState& other) {
        return other.pool == channel.pool && other.blocked_by_pool && other.running == 0 &&
               (channel.running > 1 ||
                (other.unmet_since && now - *other.unmet_since >= longest_wait_for_pool));
    });
}

bool Scheduler::Impl::may_continue(const Worker& worker, MonoTime now) const {
    const Host* host = worker.host;
    const ChannelState& channel = *worker.channel;
    if (host == nullptr || channel.stopped || !host->may_give()) return false;
    if (channel.stress.is_on() && channel.queue.has_surplus_thread(*host)) return false;
    if (channel.settings().anon_host || !channel.parked.empty()) return true;
    // Nobody else is free: go over to a host that has no worker after a fair turn, at once where
    // others work for this one too or the mail of that one is of a better class.
    const bool turn_is_over = worker.turn >= longest_turn || host->threads > 1 ||
                              now - worker.turn_began >= longest_turn_time;
    if (turn_is_over) return !channel.queue.idle_host_waits(UINT8_MAX);
    return host->rank == 0 ||
           !channel.queue.idle_host_waits(static_cast<std::uint8_t>(host->rank - 1));
}

void Scheduler::Impl::give(Worker& worker, Host& host, MonoTime now) {
    ChannelState& channel = *worker.channel;
    ChannelQueue& queue = channel.queue;
    if (worker.host != &host) {
        release_host(worker);
        worker.host = &host;
        worker.turn = 0;
        worker.turn_began = now;
        worker.last_host = std::hash<std::string_view>()(host.name);
        queue.add_thread(host);
    }
    const bool probe = host.state == Host::State::probe_due;
    std::size_t most = worker.max_messages;
    if (host.shared) {
        const std::size_t sharers = std::max(1U, channel.workers);
        most = std::min(most, (host.ready.size() + sharers - 1) / sharers);
    } else {
        most = std::min<std::size_t>(most, std::max(1U, channel.settings().thread_depth));
    }
    if (probe) most = 1;

    jobs::Work work;
    while (work.items.size() < most && host.may_give()) {
        TrackedMessage& message = queue.choose_message(host, now);
        // One that may have brought a worker down goes alone.
        if (message.crashes > 0 && !work.items.empty()) break;
        if (message.crashes > 0) most = 1;
        queue.hand_out(message, worker.in_progress, worker.id, now);
        jobs::WorkItem& item = work.items.emplace_back();
        item.handle = message.handle();
        item.file = message.file();
        item.host = host.name;
        item.priority = message.priority;
        item.attempts = message.attempts;
        item.size = message.size;
        item.recipients = message.recipients;
    }
    if (probe) {
        queue.probing(host);
        ++counters.probes;
    }
    assert(!work.items.empty());
    worker.turn += static_cast<std::uint32_t>(work.items.size());
    counters.handed_out += work.items.size();
    if (Job* job = find_job(worker.job)) ++job->answers;
    const std::size_t waiting = channel.parked.size();
    const std::size_t wanted = queue.wanted_threads();
    work.more = static_cast<std::uint16_t>(
        std::min<std::size_t>(wanted > waiting ? wanted - waiting : 0, UINT16_MAX)
    );
    decisions.emplace_back(GiveWork{worker.id, std::move(work)});
}

void Scheduler::Impl::release_host(Worker& worker) {
    if (worker.host == nullptr) return;
    worker.channel->queue.remove_thread(*std::exchange(worker.host, nullptr));
}

void Scheduler::Impl::park(Worker& worker, MonoTime now) {
    worker.parked = true;
    worker.channel->parked.push_back(&worker);
    if (Job* job = find_job(worker.job)) ++job->parked;
    worker.deadline = std::min(worker.wait_until, worker.idle_since + job_idle);
    worker.deadline = std::max(worker.deadline, now);
    deadlines.emplace(worker.deadline, worker.id);
}

void Scheduler::Impl::unpark(Worker& worker) {
    if (!worker.parked) return;
    worker.parked = false;
    auto& parked = worker.channel->parked;
    parked.erase(std::find(parked.begin(), parked.end(), &worker));
    if (Job* job = find_job(worker.job)) --job->parked;
    deadlines.erase({worker.deadline, worker.id});
}

Worker* Scheduler::Impl::waiting_worker(ChannelState& channel, const Host& host) {
    const auto last = channel.parked.rbegin() +
                      static_cast<std::ptrdiff_t>(std::min(channel.parked.size(), search_depth));
    const std::size_t name = std::hash<std::string_view>()(host.name);
    const auto same = std::find_if(channel.parked.rbegin(), last, [name](const Worker* worker) {
        return worker->last_host == name;
    });
    // Otherwise the one that came last: the longest idle ones may end.
    return same != last ? *same : channel.parked.back();
}

void Scheduler::Impl::feed(ChannelState& channel, MonoTime now) {
    while (!shutting_down && !channel.stopped && !channel.parked.empty()) {
        Host* host = channel.queue.choose_host(now);
        if (host == nullptr) return;
        Worker* worker = waiting_worker(channel, *host);
        unpark(*worker);
        give(*worker, *host, now);
    }
}

// The last thread of a job that waits while others are busy stays: it is the one that takes up
// mail for hosts the others do not serve.
bool Scheduler::Impl::may_idle_out(const Worker& worker) const {
    const auto job = jobs.find(worker.job);
    if (job == jobs.end()) return true;
    return job->second.parked > 1 || job->second.parked == job->second.workers;
}

void Scheduler::Impl::expire(MonoTime now) {
    while (!deadlines.empty() && deadlines.begin()->first <= now) {
        Worker& worker = *workers.at(deadlines.begin()->second);
        const bool idle = now - worker.idle_since >= job_idle;
        if (idle && may_idle_out(worker)) {
            unpark(worker);
            tell_exit(worker);
        } else if (now >= worker.wait_until) {
            unpark(worker);
            decisions.emplace_back(TellWait{
                worker.id, worker.patient ? seconds(0) : pause_of_the_impatient});
        } else {
            unpark(worker);
            worker.idle_since = now;
            park(worker, now);
        }
    }
}

void Scheduler::Impl::tell_exit(Worker& worker) {
    decisions.emplace_back(TellExit{worker.id});
}

void Scheduler::Impl::retire(Job& job) {
    if (!job.retiring) ++job.channel->pool->retiring;
    job.retiring = true;
    const std::vector<Worker*> parked = job.channel->parked;
    for (Worker* worker : parked) {
        if (worker->job != job.id) continue;
        unpark(*worker);
        tell_exit(*worker);
    }
}

void Scheduler::Impl::worker_left(WorkerId id, MonoTime now) {
    const auto found = workers.find(id);
    if (found == workers.end()) return;
    Worker& worker = *found->second;
    ChannelState& channel = *worker.channel;
    channel.dirty = true;
    unpark(worker);
    if (!worker.in_progress.empty()) ++counters.workers_lost;
    while (!worker.in_progress.empty()) {
        TrackedMessage& message = *worker.in_progress.begin();
        channel.queue.unlink(message, &worker.in_progress);
        bring_back(worker, message, now);
    }
    release_host(worker);
    --channel.workers;
    if (Job* job = find_job(worker.job)) --job->workers;
    workers.erase(found);
}

// A worker was lost with this message in its hands. The first time it is ready again at once; one
// that may itself be the cause waits as after a failed attempt, without counting one, so that it
// does not stop its neighbours. The connections of a process that was killed close one by one: a
// message that goes from one to the next of them was lost once.
void Scheduler::Impl::bring_back(const Worker& worker, TrackedMessage& message, MonoTime now) {
    ChannelState& channel = *worker.channel;
    Host& host = *message.host;
    if (host.state == Host::State::probing && host.in_progress == 0) {
        channel.queue.probe_inconclusive(host, seconds(60), now);
    }
    const bool same_process = worker.pid != 0 && message.lost_with == worker.pid;
    message.lost_with = worker.pid;
    if (!same_process && message.crashes < std::numeric_limits<std::uint8_t>::max())
        ++message.crashes;
    if (message.crashes <= trusted_crashes) return channel.queue.make_ready(message, now);
    const auto& schedule = channel.settings().backoff.of(message.priority);
    channel.queue.delay(message, schedule.after(message.attempts + message.crashes - 1U), now);
}

bool Scheduler::ask(WorkerId worker, const jobs::Ask& ask, MonoTime now) {
    return impl_->ask(worker, ask, now);
}

void Scheduler::worker_left(WorkerId worker, MonoTime now) {
    impl_->worker_left(worker, now);
}

}  // namespace sluice::job_controller
