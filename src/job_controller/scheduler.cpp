#include "job_controller/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "job_controller/scheduler_impl.h"
#include "queue/message_name.h"

// Messages: how they come in, what becomes of them, and the turn of the wheel.
namespace sluice::job_controller {

namespace {

using std::chrono::seconds;

constexpr seconds locked_pause{60};
/// A probe that was given back without an answer is repeated after this.
constexpr seconds probe_again{60};

std::string_view file_name_of(std::string_view file) {
    return file.substr(file.rfind('/') + 1);  // all of it where there is no directory
}

}  // namespace

Scheduler::Impl::Impl(const JobControllerSettings& settings, MonoTime now)
    : next_synch(now + settings.synch_time) {
    take_options(settings);
    take_pools(settings.pools);
    for (const ChannelSettings& channel : settings.channels) {
        by_name[to_lower(channel.name)] = &channels.emplace_back(channel, pool_for(channel));
    }
}

ChannelState* Scheduler::Impl::find_channel(std::string_view name) {
    const auto found = by_name.find(to_lower(name));
    return found == by_name.end() ? nullptr : found->second;
}

EnqueueResult Scheduler::Impl::enqueue(const jobs::NewMessage& message, MonoTime now) {
    ChannelState* channel = find_channel(message.channel);
    if (channel == nullptr || channel->removed || message.file.empty() ||
        message.file.size() > jobs::max_file_name) {
        ++counters.refused;
        return EnqueueResult::refused;
    }
    channel->dirty = true;
    if (TrackedMessage* known = table.find(channel->queue, message.file)) {
        enrich(*channel, *known, message, now);
        ++counters.known;
        return EnqueueResult::known;
    }
    // While older files of the channel wait on disk, newer ones queue up behind them there.
    if (!message.released && (channel->untracked || !has_room(*channel))) {
        leave_on_disk(*channel);
        ++counters.on_disk;
        return EnqueueResult::on_disk;
    }
    TrackedMessage& added = table.add(channel->queue, message.file);
    ++channel->queue.messages;
    added.size = message.size;
    added.recipients = message.recipients;
    added.attempts = message.attempts;
    added.priority = channel->settings().size_demotion.priority(message.priority, message.size);
    added.enqueued = message.enqueued;
    added.set_rank(message.released);
    const bool unknown_host = message.host.empty() && !channel->settings().anon_host && identify;
    if (!unknown_host) channel->queue.set_host(added, message.host);
    channel->queue.make_ready(added, now);
    ++counters.enqueued;
    return EnqueueResult::tracked;
}

// A notification about a file that a scan or an earlier notification has brought already.
void Scheduler::Impl::enrich(
    ChannelState& channel, TrackedMessage& message, const jobs::NewMessage& news, MonoTime now
) {
    const bool nameless = message.state == State::unidentified;
    const bool goes_ahead =
        news.released && message.state != State::in_progress && message.state != State::identifying;
    if (!nameless && !goes_ahead) return;
    channel.queue.unlink(message);
    if (news.released && message.file() != news.file) table.rename(message, news.file);
    if (nameless && !news.host.empty()) {
        channel.queue.set_host(message, news.host);
        message.priority = channel.settings().size_demotion.priority(news.priority, news.size);
        message.size = news.size;
        message.recipients = news.recipients;
    }
    message.set_rank(news.released);
    channel.queue.make_ready(message, now);
}

void Scheduler::Impl::drop(TrackedMessage& message) {
    ChannelQueue& queue = *message.channel;
    queue.detach(message);
    --queue.messages;
    table.remove(message);
}

void Scheduler::Impl::done(
    Worker& worker, TrackedMessage& message, const jobs::DoneItem& item, MonoTime now
) {
    ChannelState& channel = *worker.channel;
    const bool again =
        item.outcome == jobs::Outcome::temp || item.outcome == jobs::Outcome::renamed;
    channel.dirty = true;
    channel.queue.unlink(message, &worker.in_progress);
    message.crashes = 0;
    message.lost_with = 0;
    if (again && message.attempts < UINT16_MAX) ++message.attempts;
    if (!item.host.empty() && message.host->shared && !channel.settings().anon_host) {
        channel.queue.set_host(message, item.host);
    }
    if (channel.queue.probes(*message.host)) learn_about_host(channel, message, item, now);
    if (Job* job = find_job(worker.job)) ++(again ? job->failed : job->processed);
    conclude(channel, message, item, now);
}

void Scheduler::Impl::learn_about_host(
    ChannelState& channel, const TrackedMessage& message, const jobs::DoneItem& item, MonoTime now
) {
    Host& host = *message.host;
    const bool success =
        item.outcome == jobs::Outcome::ok || item.outcome == jobs::Outcome::renamed;
    if (item.host_report == jobs::HostReport::failed) {
        // Another message may probe each time: the host's own failures count too.
        const unsigned failures = std::max<unsigned>(message.attempts, host.failures + 1);
        const auto pause = channel.settings().backoff.of(message.priority).after(failures);
        channel.queue.host_failed(host, pause, item.reason, now);
    } else if (item.host_report == jobs::HostReport::reached || success) {
        channel.queue.host_reached(host, now);
    } else if (host.state == Host::State::probing && host.in_progress == 0) {
        const bool given_back = item.outcome == jobs::Outcome::untried ||
                                item.outcome == jobs::Outcome::locked ||
                                item.outcome == jobs::Outcome::postponed;
        channel.queue.probe_inconclusive(host, given_back ? probe_again : seconds(0), now);
    }
}

void Scheduler::Impl::conclude(
    ChannelState& channel, TrackedMessage& message, const jobs::DoneItem& item, MonoTime now
) {
    switch (item.outcome) {
        case jobs::Outcome::ok:
            ++counters.delivered;
            ++channel.delivered;
            return drop(message);
        case jobs::Outcome::held:
            ++counters.held;
            return drop(message);
        case jobs::Outcome::gone:
            ++counters.gone;
            return drop(message);
        case jobs::Outcome::temp:
        case jobs::Outcome::renamed:
            return retry(channel, message, item, now);
        case jobs::Outcome::locked:
            ++counters.locked;
            return channel.queue.delay_until(message, now + locked_pause);
        case jobs::Outcome::untried:
            ++counters.untried;
            return channel.queue.make_ready(message, now);
        case jobs::Outcome::postponed:
            ++counters.postponed;
            return postpone(channel, message, item, now);
    }
}

// A policy says when: the count of attempts stays, the host is none of its business.
void Scheduler::Impl::postpone(
    ChannelState& channel, TrackedMessage& message, const jobs::DoneItem& item, MonoTime now
) {
    if (item.delay > 0) return channel.queue.delay_until(message, now + seconds(item.delay));
    const auto& schedule = channel.settings().backoff.of(message.priority);
    const std::uint16_t first = std::max<std::uint16_t>(message.attempts, 1);
    channel.queue.delay(message, schedule.after(first), now);
}

void Scheduler::Impl::retry(
    ChannelState& channel, TrackedMessage& message, const jobs::DoneItem& item, MonoTime now
) {
    const bool partial = item.outcome == jobs::Outcome::renamed;
    ++(partial ? counters.partial : counters.retried);
    message.set_rank(false);
    if (item.recipients > 0) message.recipients = item.recipients;
    if (!item.new_file.empty()) {
        const TrackedMessage* other = table.find(channel.queue, item.new_file);
        if (other != nullptr && other != &message) return drop(message);  // notified meanwhile
        table.rename(message, item.new_file);
        // Workers that were lost may have tried it more often than was reported.
        const auto name = queue::parse_message_name(file_name_of(item.new_file));
        if (name) message.attempts = static_cast<std::uint16_t>(name->attempts);
    }
    // The recipients left over get one attempt at once; a message that met a dead host waits with
    // all others behind the host.
    const bool host_failed =
        item.host_report == jobs::HostReport::failed && channel.queue.probes(*message.host);
    if (partial || host_failed) return channel.queue.make_ready(message, now);
    const auto& schedule = channel.settings().backoff.of(message.priority);
    channel.queue.delay(message, schedule.after(message.attempts), now);
}

std::vector<Decision> Scheduler::Impl::settle(MonoTime now) {
    for (ChannelState& channel : channels) {
        if (channel.queue.advance(now)) channel.dirty = true;
        relax(channel, now);
        if (channel.suspended_until && *channel.suspended_until <= now) {
            channel.suspended_until.reset();
            channel.dirty = true;
        }
        if (channel.scan_retry && *channel.scan_retry <= now) {
            channel.scan_retry.reset();
            request_scan(channel, seconds(0));
        }
        if (channel.dirty) feed(channel, now);
    }
    expire(now);
    if (now >= next_synch) {
        next_synch = now + synch_time;
        for (ChannelState& channel : channels) request_scan(channel, synch_age);
    }
    std::vector<ChannelState*> dirty;
    for (ChannelState& channel : channels) {
        if (channel.dirty || channel.unmet_since) dirty.push_back(&channel);
    }
    // Those without any process first, then those that have waited longest.
    std::stable_sort(dirty.begin(), dirty.end(), [](const auto* a, const auto* b) {
        if ((a->running == 0) != (b->running == 0)) return a->running == 0;
        return a->unmet_since.value_or(MonoTime::max()) < b->unmet_since.value_or(MonoTime::max());
    });
    for (ChannelState* channel : dirty) {
        identify_some(*channel);
        plan(*channel, now);
        channel->dirty = false;
    }
    // The room that one channel leaves is for the mail of all.
    for (ChannelState& channel : channels) refill(channel, now);
    return std::exchange(decisions, {});
}

std::optional<MonoTime> Scheduler::Impl::next_wakeup() const {
    MonoTime next = next_synch;
    const auto consider = [&next](const std::optional<MonoTime>& time) {
        if (time && *time < next) next = *time;
    };
    for (const ChannelState& channel : channels) {
        if (channel.dirty) return MonoTime::min();
        consider(channel.queue.next_time());
        consider(channel.suspended_until);
        consider(channel.scan_retry);
        consider(channel.stall_check);
        consider(channel.stress.next_time());
    }
    if (!deadlines.empty()) consider(deadlines.begin()->first);
    return next;
}

Scheduler::Scheduler(const JobControllerSettings& settings, MonoTime now)
    : impl_(std::make_unique<Impl>(settings, now)) {}
Scheduler::~Scheduler() = default;

EnqueueResult Scheduler::enqueue(const jobs::NewMessage& message, MonoTime now) {
    return impl_->enqueue(message, now);
}

std::uint32_t Scheduler::forget(std::string_view channel_name, std::string_view file) {
    ChannelState* channel = impl_->find_channel(channel_name);
    if (channel == nullptr) return 0;
    TrackedMessage* message = impl_->table.find(channel->queue, file);
    // What a worker has or a reader looks at is found gone by them.
    if (message == nullptr || message->state == State::in_progress ||
        message->state == State::identifying) {
        return 0;
    }
    channel->queue.unlink(*message);
    impl_->drop(*message);
    channel->dirty = true;
    return 1;
}

std::optional<std::uint32_t> Scheduler::run(const jobs::Run& request, MonoTime now) {
    ChannelState* channel = impl_->find_channel(request.channel);
    if (channel == nullptr) return std::nullopt;
    channel->dirty = true;
    channel->poll = channel->poll || request.poll;
    if (request.file.empty()) return channel->queue.run(request.host, now);
    TrackedMessage* message = impl_->table.find(channel->queue, request.file);
    if (message == nullptr) return 0;
    const bool waits = message->state == State::delayed;
    if (waits) {
        channel->queue.unlink(*message);
        message->last_attempt = {};
        channel->queue.make_ready(*message, now);
    }
    const bool probed = message->state == State::ready && message->host != nullptr &&
                        channel->queue.release_now(*message->host);
    return waits || probed ? 1 : 0;
}

void Scheduler::done(WorkerId id, const jobs::DoneItem& item, MonoTime now) {
    const auto worker = impl_->workers.find(id);
    TrackedMessage* message = impl_->table.find(item.handle);
    if (worker == impl_->workers.end() || message == nullptr ||
        message->state != State::in_progress || message->worker != id) {
        ++impl_->counters.stale_reports;
        return;
    }
    impl_->done(*worker->second, *message, item, now);
}

bool Scheduler::stop_channel(std::string_view name) {
    ChannelState* channel = impl_->find_channel(name);
    if (channel != nullptr) channel->stopped = true;
    return channel != nullptr;
}

bool Scheduler::start_channel(std::string_view name) {
    ChannelState* channel = impl_->find_channel(name);
    if (channel == nullptr || channel->removed) return false;
    channel->stopped = false;
    channel->suspended_until.reset();
    channel->dirty = true;
    return true;
}

std::vector<Decision> Scheduler::settle(MonoTime now) {
    return impl_->settle(now);
}

std::optional<MonoTime> Scheduler::next_wakeup() const {
    return impl_->next_wakeup();
}

}  // namespace sluice::job_controller
