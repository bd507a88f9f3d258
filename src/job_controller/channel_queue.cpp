#include "job_controller/channel_queue.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <vector>

#include "base/bytes.h"

namespace sluice::job_controller {

namespace {

using std::chrono::seconds;

/// A message that waited this many times the average goes one class higher.
constexpr int starvation_factor = 5;
/// ... but not below this wait, so that a quick channel keeps to the classes.
constexpr seconds starvation_floor{5};
/// More messages of one host due in one second than this are spread; of a channel whose hosts are
/// all alike, more in all.
constexpr std::uint32_t spread_above = 100;
constexpr std::uint8_t last_rank = 1 + static_cast<std::uint8_t>(jobs::Priority::third);

constexpr std::uint32_t divide_up(std::size_t value, std::size_t by) {
    return static_cast<std::uint32_t>((value + by - 1) / by);
}

/// Deterministic share of +-5 % of the interval, by the message's name.
MonoTime::duration spread(const TrackedMessage& message, seconds interval) {
    const auto part = static_cast<long>(std::hash<std::string_view>()(message.unique()) % 1001);
    return std::chrono::duration_cast<MonoTime::duration>(interval) / 10000 * (part - 500);
}

}  // namespace

Host& ChannelQueue::host_named(std::string_view name) {
    const std::string key = settings_.anon_host ? std::string() : to_lower(name);
    auto found = hosts_.find(key);
    if (found == hosts_.end()) {
        auto host = std::make_unique<Host>();
        host->name = key;
        host->id = next_host_id_++;
        host->shared = key.empty();
        found = hosts_.emplace(key, std::move(host)).first;
    }
    return *found->second;
}

void ChannelQueue::set_host(TrackedMessage& message, std::string_view host) {
    assert(message.state == State::unlinked);
    Host* before = std::exchange(message.host, &host_named(host));
    if (before != nullptr && before != message.host) drop_if_unused(*before);
}

void ChannelQueue::reconfigure(ChannelSettings settings) {
    settings.anon_host = settings_.anon_host;
    settings_ = std::move(settings);
    if (!settings_.host_probe) forget_failures();
    set_thread_depth(settings_.thread_depth);
}

void ChannelQueue::set_thread_depth(unsigned depth) {
    thread_depth_ = std::max(1U, depth);
    for (const auto& [name, host] : hosts_) refresh(*host);
}

bool ChannelQueue::has_surplus_thread(const Host& host) const {
    const std::uint32_t justified = divide_up(host.released(), thread_depth_);
    return host.threads > std::max(1U, justified);
}

void ChannelQueue::make_ready(TrackedMessage& message, MonoTime now) {
    assert(message.state == State::unlinked);
    message.when = now;
    if (message.host == nullptr) {
        message.state = State::unidentified;
        unidentified_.insert(message);
        return;
    }
    message.state = State::ready;
    queued_recipients_ += message.recipients;
    message.host->ready.insert(message);
    refresh(*message.host);
}

void ChannelQueue::delay(TrackedMessage& message, seconds interval, MonoTime now) {
    MonoTime due = now + interval;
    if (Host* host = message.host; host != nullptr) {
        const MonoTime second = std::chrono::floor<seconds>(due);
        host->due_count = host->due_second == second ? host->due_count + 1 : 1;
        host->due_second = second;
        if (host->due_count > spread_above) due += spread(message, interval);
    }
    delay_until(message, due);
}

void ChannelQueue::delay_until(TrackedMessage& message, MonoTime due) {
    assert(message.state == State::unlinked);
    message.when = due;
    message.state = State::delayed;
    delayed_.insert(message);
    if (message.host != nullptr) ++message.host->delayed;
}

void ChannelQueue::hand_out(
    TrackedMessage& message, InProgressSet& to, std::uint64_t worker, MonoTime now
) {
    assert(message.state == State::ready);
    const auto waited = now - std::max(message.when, message.host->up_since);
    average_wait_ += (waited - average_wait_) / 16;
    unlink(message);
    message.state = State::in_progress;
    message.when = now;
    message.worker = worker;
    ++message.host->in_progress;
    queued_recipients_ += message.recipients;
    to.insert(message);
}

void ChannelQueue::unlink(TrackedMessage& message, InProgressSet* held_by) {
    switch (message.state) {
        case State::ready:
            message.host->ready.erase(message);
            queued_recipients_ -= message.recipients;
            refresh(*message.host);
            break;
        case State::unidentified:
            unidentified_.erase(message);
            break;
        case State::delayed:
            delayed_.erase(message);
            if (message.host != nullptr) --message.host->delayed;
            break;
        case State::in_progress:
            assert(held_by != nullptr);
            held_by->erase(message);
            message.worker = 0;
            --message.host->in_progress;
            queued_recipients_ -= message.recipients;
            break;
        case State::identifying:
        case State::unlinked:
            break;
    }
    message.state = State::unlinked;
}

void ChannelQueue::detach(TrackedMessage& message) {
    assert(message.state == State::unlinked);
    if (Host* host = std::exchange(message.host, nullptr)) drop_if_unused(*host);
}

bool ChannelQueue::overdue(MonoTime since, MonoTime now) const {
    const MonoTime::duration limit =
        std::max<MonoTime::duration>(average_wait_ * starvation_factor, starvation_floor);
    return now - since > limit;
}

TrackedMessage& ChannelQueue::choose_message(Host& host, MonoTime now) {
    TrackedMessage& best = *host.ready.begin();
    if (best.rank == 0 || best.rank == host.ready.rbegin()->rank) return best;
    // The oldest of the next class competes with the best when it has waited too long.
    TrackedMessage bound;
    bound.rank = static_cast<std::uint8_t>(best.rank + 1);
    bound.enqueued = WallTime::min();
    TrackedMessage& next = *host.ready.lower_bound(bound);
    const bool promoted = next.rank == best.rank + 1 && next.enqueued < best.enqueued &&
                          overdue(std::max(next.when, host.up_since), now);
    return promoted ? next : best;
}

Host* ChannelQueue::choose_host(MonoTime now) {
    for (HostSet* hosts : {&idle_, &hungry_}) {
        if (hosts->empty()) continue;
        Host* best = &*hosts->begin();
        if (best->rank > 0 && best->rank < last_rank) {
            Host bound;
            bound.rank = static_cast<std::uint8_t>(best->rank + 1);
            bound.waits_since = 0;
            const auto next = hosts->lower_bound(bound);
            if (next != hosts->end() && next->rank == best->rank + 1 &&
                next->oldest < best->oldest && overdue(next->waiting_since, now)) {
                best = &*next;
            }
        }
        return best;
    }
    return nullptr;
}

bool ChannelQueue::idle_host_waits(std::uint8_t rank) const {
    return !idle_.empty() && idle_.begin()->rank <= rank;
}

TrackedMessage* ChannelQueue::next_unidentified() {
    if (unidentified_.empty()) return nullptr;
    TrackedMessage& message = *unidentified_.begin();
    unlink(message);
    message.state = State::identifying;
    return &message;
}

void ChannelQueue::add_thread(Host& host) {
    ++host.threads;
    refresh(host);
}

void ChannelQueue::remove_thread(Host& host) {
    assert(host.threads > 0);
    --host.threads;
    refresh(host);
    drop_if_unused(host);
}

bool ChannelQueue::advance(MonoTime now) {
    bool changed = false;
    while (!delayed_.empty() && delayed_.begin()->when <= now) {
        TrackedMessage& message = *delayed_.begin();
        unlink(message);
        make_ready(message, now);
        changed = true;
    }
    while (!down_.empty() && down_.begin()->first.first <= now) {
        Host& host = *down_.begin()->second;
        leave_down(host);
        host.state = Host::State::probe_due;
        refresh(host);
        drop_if_unused(host);
        changed = true;
    }
    while (!ramps_.empty() && ramps_.begin()->first.first <= now) {
        Host& host = *ramps_.begin()->second;
        step_ramp(host);
        refresh(host);
        changed = true;
    }
    return changed;
}

std::optional<MonoTime> ChannelQueue::next_time() const {
    std::optional<MonoTime> next;
    if (!delayed_.empty()) next = delayed_.begin()->when;
    for (const Clock* clock : {&down_, &ramps_}) {
        if (clock->empty()) continue;
        const MonoTime first = clock->begin()->first.first;
        next = next ? std::min(*next, first) : first;
    }
    return next;
}

std::uint32_t ChannelQueue::run(std::string_view host, MonoTime now) {
    const std::string wanted = to_lower(host);
    std::vector<TrackedMessage*> released;
    for (TrackedMessage& message : delayed_) {
        if (wanted.empty() || (message.host != nullptr && message.host->name == wanted)) {
            released.push_back(&message);
        }
    }
    for (TrackedMessage* message : released) {
        unlink(*message);
        message->last_attempt = {};
        make_ready(*message, now);
    }
    auto count = static_cast<std::uint32_t>(released.size());
    for (auto& [name, each] : hosts_) {
        if (!wanted.empty() && name != wanted) continue;
        if (release_now(*each)) count += static_cast<std::uint32_t>(each->ready.size());
    }
    return count;
}

void ChannelQueue::take_from_place(Host& host) {
    if (host.place == Host::Place::idle) idle_.erase(host);
    if (host.place == Host::Place::hungry) hungry_.erase(host);
    host.place = Host::Place::none;
}

// Recomputes what the channel as a whole knows of one host after anything about it has changed.
void ChannelQueue::refresh(Host& host) {
    const Host::Place before = host.place;
    take_from_place(host);
    wanted_ -= host.wanted;
    available_ -= host.available;
    host.wanted = 0;
    host.available = 0;
    // Where held messages go away, what comes in must not wait in their place.
    host.held_back = std::min(host.held_back, static_cast<std::uint32_t>(host.ready.size()));
    if (!host.may_give()) return;

    const TrackedMessage& first = *host.ready.begin();
    host.rank = first.rank;
    host.oldest = first.enqueued;
    host.waiting_since = std::max(first.when, host.up_since);
    if (host.state == Host::State::probe_due) {
        host.wanted = 1;
        host.available = 1;
    } else {
        const std::uint32_t justified = divide_up(host.released(), thread_depth_);
        host.wanted = justified > host.threads ? justified - host.threads : 0;
        host.available = static_cast<std::uint32_t>(host.released());
    }
    wanted_ += host.wanted;
    available_ += host.available;

    if (host.shared || host.threads == 0 || host.state == Host::State::probe_due) {
        host.place = Host::Place::idle;
    } else if (host.wanted > 0) {
        host.place = Host::Place::hungry;
    }
    // Whoever comes later stands behind, however old its mail is: else a few hosts with a large
    // backlog would keep all others waiting until it is gone.
    if (host.place != before) host.waits_since = ++last_place_;
    if (host.place == Host::Place::idle) idle_.insert(host);
    if (host.place == Host::Place::hungry) hungry_.insert(host);
}

void ChannelQueue::drop_if_unused(Host& host) {
    if (!host.unused() || host.state == Host::State::down) return;
    end_ramp(host);
    take_from_place(host);
    hosts_.erase(hosts_.find(host.name));
}

}  // namespace sluice::job_controller
