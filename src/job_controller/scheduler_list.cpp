#include <algorithm>
#include <chrono>

#include "base/bytes.h"
#include "job_controller/scheduler_impl.h"

// Listings for operators.
namespace sluice::job_controller {

namespace {

bool wanted(const ChannelState& channel, std::string_view name) {
    return name.empty() || equals_ignoring_case(channel.settings().name, name);
}

/// The same instant on the wall clock.
WallTime on_the_wall(MonoTime time, MonoTime now, WallTime wall) {
    return wall + std::chrono::duration_cast<WallTime::duration>(time - now);
}

bool waits_for_host(const Host& host) {
    return host.state != Host::State::up;
}

jobs::MessageState shown_state(const TrackedMessage& message) {
    switch (message.state) {
        case State::in_progress:
            return jobs::MessageState::in_progress;
        case State::delayed:
            return jobs::MessageState::delayed;
        default:
            break;
    }
    const bool waits = message.host != nullptr && waits_for_host(*message.host);
    return waits ? jobs::MessageState::delayed : jobs::MessageState::ready;
}

}  // namespace

bool Scheduler::knows_channel(std::string_view channel) const {
    return impl_->find_channel(channel) != nullptr;
}

// One pass over all messages for sizes and ages: some ten milliseconds for a million.
std::vector<jobs::ChannelRow> Scheduler::channel_rows(
    std::string_view name, MonoTime now, WallTime wall
) const {
    std::map<const ChannelQueue*, jobs::ChannelRow> rows;
    for (const ChannelState& channel : impl_->channels) {
        if (!wanted(channel, name)) continue;
        jobs::ChannelRow& row = rows[&channel.queue];
        row.channel = channel.settings().name;
        row.pool = channel.pool->name;
        row.jobs = channel.running;
        row.threads = channel.workers;
        row.stopped = channel.stopped;
        row.suspended = channel.suspended_until.has_value();
        row.untracked = channel.untracked;
        if (const auto next = channel.queue.next_time()) {
            row.next_due = on_the_wall(*next, now, wall);
        }
    }
    for (std::size_t slot = 0; slot < impl_->table.slots(); ++slot) {
        const TrackedMessage* message = impl_->table.at(slot);
        if (message == nullptr) continue;
        const auto found = rows.find(message->channel);
        if (found == rows.end()) continue;
        jobs::ChannelRow& row = found->second;
        row.size += message->size;
        if (message->size == 0) ++row.unread;
        row.recipients += message->recipients;
        const bool first = row.ready + row.delayed + row.in_progress == 0;
        row.oldest = first ? message->enqueued : std::min(row.oldest, message->enqueued);
        const jobs::MessageState state = shown_state(*message);
        ++(state == jobs::MessageState::ready     ? row.ready
           : state == jobs::MessageState::delayed ? row.delayed
                                                  : row.in_progress);
    }
    std::vector<jobs::ChannelRow> result;
    for (const ChannelState& channel : impl_->channels) {
        const auto found = rows.find(&channel.queue);
        if (found != rows.end()) result.push_back(std::move(found->second));
    }
    return result;
}

std::vector<jobs::HostRow> Scheduler::host_rows(
    std::string_view name, HostCursor& cursor, std::size_t most, MonoTime now, WallTime wall
) const {
    std::vector<jobs::HostRow> result;
    for (; cursor.channel < impl_->channels.size(); ++cursor.channel, cursor.inside = false) {
        const ChannelState& channel = impl_->channels[cursor.channel];
        if (!wanted(channel, name)) continue;
        const auto& hosts = channel.queue.hosts();
        auto at = cursor.inside ? hosts.upper_bound(cursor.host) : hosts.begin();
        for (; at != hosts.end(); ++at) {
            if (result.size() == most) return result;
            const Host& host = *at->second;
            const bool waits = waits_for_host(host);
            const auto ready = static_cast<std::uint32_t>(host.ready.size());
            jobs::HostRow& row = result.emplace_back();
            row.channel = channel.settings().name;
            row.host = host.name;
            row.active = host.in_progress + (waits ? 0 : ready);
            row.delayed = host.delayed + (waits ? ready : 0);
            row.threads = host.threads;
            row.down = waits;
            if (host.state == Host::State::down) {
                row.next_try = on_the_wall(host.down_until, now, wall);
            }
            row.reason = host.reason;
            if (host.last_success != MonoTime{})
                row.last_success = on_the_wall(host.last_success, now, wall);
            cursor.host = host.name;
            cursor.inside = true;
        }
    }
    return result;
}

std::vector<jobs::MessageRow> Scheduler::message_rows(
    std::string_view name, std::size_t& cursor, std::size_t most, MonoTime now, WallTime wall
) const {
    std::vector<jobs::MessageRow> result;
    const ChannelState* only = name.empty() ? nullptr : impl_->find_channel(name);
    for (; cursor < impl_->table.slots() && result.size() < most; ++cursor) {
        const TrackedMessage* message = impl_->table.at(cursor);
        if (message == nullptr || (only != nullptr && message->channel != &only->queue)) continue;
        jobs::MessageRow& row = result.emplace_back();
        row.channel = message->channel->settings().name;
        row.file = message->file();
        if (message->host != nullptr) row.host = message->host->name;
        row.priority = message->priority;
        row.state = shown_state(*message);
        row.attempts = message->attempts;
        row.size = message->size;
        row.recipients = message->recipients;
        row.enqueued = message->enqueued;
        if (message->state == State::delayed) {
            row.next_try = on_the_wall(message->when, now, wall);
        } else if (row.state == jobs::MessageState::delayed) {
            row.next_try = on_the_wall(message->host->down_until, now, wall);
        }
        const auto worker = impl_->workers.find(message->worker);
        if (worker != impl_->workers.end()) row.pid = worker->second->pid;
    }
    return result;
}

std::vector<jobs::JobRow> Scheduler::job_rows(std::string_view name, MonoTime now) const {
    std::map<JobId, std::uint32_t> in_progress;
    for (const auto& [id, worker] : impl_->workers) {
        in_progress[worker->job] += static_cast<std::uint32_t>(worker->in_progress.size());
    }
    std::vector<jobs::JobRow> result;
    for (const auto& [id, job] : impl_->jobs) {
        if (!wanted(*job.channel, name)) continue;
        jobs::JobRow& row = result.emplace_back();
        row.job = id;
        row.channel = job.channel->settings().name;
        row.pid = job.pid;
        row.threads = job.workers;
        row.in_progress = in_progress[id];
        row.processed = job.processed;
        row.failed = job.failed;
        const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - job.started);
        row.age = static_cast<std::uint32_t>(age.count());
        row.retiring = job.retiring;
    }
    return result;
}

std::vector<jobs::StatusRow> Scheduler::status_rows() const {
    const Impl::Counters& c = impl_->counters;
    return {
        {"tracked", impl_->table.size()},
        {"max_messages", impl_->max_messages},
        {"overflow", impl_->overflow ? 1U : 0U},
        {"overflows", c.overflows},
        {"jobs", impl_->jobs.size()},
        {"workers", impl_->workers.size()},
        {"enqueued", c.enqueued},
        {"known", c.known},
        {"on_disk", c.on_disk},
        {"refused", c.refused},
        {"handed_out", c.handed_out},
        {"delivered", c.delivered},
        {"retried", c.retried},
        {"partial", c.partial},
        {"held", c.held},
        {"gone", c.gone},
        {"locked", c.locked},
        {"untried", c.untried},
        {"postponed", c.postponed},
        {"probes", c.probes},
        {"stale_reports", c.stale_reports},
        {"workers_lost", c.workers_lost},
        {"jobs_started", c.jobs_started},
        {"jobs_failed", c.jobs_failed},
        {"suspensions", c.suspensions},
        {"scans", c.scans},
        {"stresses", c.stresses},
    };
}

std::size_t Scheduler::tracked() const {
    return impl_->table.size();
}

}  // namespace sluice::job_controller
