#include "fairness.h"

#include <algorithm>
#include <set>

#include "controller.h"
#include "queue/scan.h"

namespace sluice::simulation {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::seconds;

namespace {

// As in scheduler_jobs.cpp, scheduler_workers.cpp and dequeue/master.cpp.
constexpr Duration suspension = 60s;
constexpr Duration longest_start = 10s;
constexpr Duration wait_for_pool = 30s;
constexpr Duration turn = 30s;
constexpr Duration batch = 10s;
constexpr unsigned classes = 3;
constexpr Duration period = 1min;
/// Directories are looked at again once so much of MAX_MESSAGES is free.
constexpr std::size_t refill_percent = 75;
constexpr Duration longest_refill = 5min;
/// Of a file that the job controller was told about; scans at its start are over by then.
constexpr Duration longest_unknown = 15min;

}  // namespace

Fairness::Fairness(World& world) : world_(world) {
    const unsigned rounds = (world.plan.hosts + network_threads - 1) / network_threads;
    bound_ = suspension + longest_start +
             classes * rounds * (turn + batch + Network::longest_meeting) + period;
}

void Fairness::begin() {
    world_.timeline.after(period, [this] {
        look();
        begin();
    });
}

std::uint64_t Fairness::longest_wait() const {
    return static_cast<std::uint64_t>(duration_cast<seconds>(longest_).count());
}

void Fairness::look() {
    if (!world_.controller->is_up() || world_.controller->life() != life_) {
        life_ = world_.controller->life();
        since_.clear();
        untracked_since_.clear();
        return;
    }
    look_at_hosts();
    look_at_channel(local_channel);
    look_at_channel(process_channel);
    look_at_overflow();
    if (++minutes_ % 10 == 0) look_for_the_forgotten();
}

void Fairness::waits(const std::string& who, bool waiting, Duration bound) {
    const MonoTime now = world_.timeline.mono_now();
    if (!waiting) {
        since_.erase(who);
        return;
    }
    const Duration waited = now - since_.try_emplace(who, now).first->second;
    longest_ = std::max(longest_, waited);
    if (waited > bound) {
        world_.ledger.complain(
            who + " has waited " + std::to_string(duration_cast<seconds>(waited).count()) + " s"
        );
    }
}

void Fairness::look_at_hosts() {
    const auto* scheduler = world_.controller->scheduler();
    const MonoTime now = world_.timeline.mono_now();
    const WallTime wall = world_.timeline.wall_now();
    const auto channel = scheduler->channel_rows(network_channel, now, wall).front();
    job_controller::Scheduler::HostCursor cursor;
    std::set<std::string> waiting;
    for (const auto& host : scheduler->host_rows(network_channel, cursor, 100000, now, wall)) {
        const bool idle = host.active > 0 && host.threads == 0 && !host.down;
        if (idle && !channel.stopped && !channel.suspended && !host.host.empty())
            waiting.insert(host.host);
    }
    for (const auto& host : world_.network.hosts()) waits(host, waiting.contains(host), bound_);
}

void Fairness::look_at_channel(const std::string& name) {
    const auto row =
        world_.controller->scheduler()
            ->channel_rows(name, world_.timeline.mono_now(), world_.timeline.wall_now())
            .front();
    const bool idle = row.ready > 0 && row.in_progress == 0 && !row.stopped && !row.suspended;
    waits("channel " + name, idle, suspension + longest_start + wait_for_pool + batch + period);
}

/// Mail that was left on disk for want of room is fetched as soon as there is room again.
void Fairness::look_at_overflow() {
    const auto* scheduler = world_.controller->scheduler();
    const bool room = scheduler->tracked() * 100 < world_.settings.max_messages * refill_percent;
    const auto rows =
        scheduler->channel_rows("", world_.timeline.mono_now(), world_.timeline.wall_now());
    for (const auto& row : rows) {
        const bool empty = row.ready + row.in_progress + row.delayed == 0;
        const bool waiting = row.untracked && (room || empty) && !world_.disk.is_in_trouble();
        waits("mail of " + row.channel + " on disk", waiting, longest_refill);
    }
}

void Fairness::look_for_the_forgotten() {
    world_.knowledge.check(*world_.controller->scheduler());
    if (world_.disk.is_in_trouble()) {
        untracked_since_.clear();
        return;
    }
    const auto* scheduler = world_.controller->scheduler();
    const MonoTime now = world_.timeline.mono_now();
    const WallTime wall = world_.timeline.wall_now();
    std::set<std::string> tracked;
    std::size_t cursor = 0;
    for (const auto& row : scheduler->message_rows("", cursor, 1000000, now, wall)) {
        if (const auto location = queue::MessageLocation::parse(row.channel + '/' + row.file))
            tracked.insert(location->name.unique);
    }
    std::set<std::string> full;
    for (const auto& row : scheduler->channel_rows("", now, wall)) {
        if (row.untracked) full.insert(row.channel);
    }
    std::map<std::string, MonoTime> untracked;
    queue::ScanVisitor visitor;
    visitor.message = [&](const queue::ScannedMessage& one) {
        const std::string unique(one.name.unique);
        if (one.name.state() != queue::MessageState::eligible || tracked.contains(unique) ||
            full.contains(std::string(one.channel)))
            return;
        const auto before = untracked_since_.find(unique);
        untracked[unique] = before == untracked_since_.end() ? now : before->second;
        const bool told = world_.knowledge.was_told(unique) && !world_.unannounced.contains(unique);
        const Duration most = told ? longest_unknown : 2 * world_.settings.synch_time;
        if (now - untracked[unique] > most) world_.ledger.complain("nobody knows of " + unique);
    };
    if (queue::scan_queue(world_.disk.store(), visitor)) untracked_since_ = std::move(untracked);
}

}  // namespace sluice::simulation
