#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "job_controller/scheduler_impl.h"

// What is on disk and not in memory: start, synchronisation, MAX_MESSAGES (job-controller.md
// sections 6 and 7).
namespace sluice::job_controller {

namespace {

using std::chrono::seconds;

/// Below this share of max_messages the directories are looked at again.
constexpr std::size_t refill_percent = 75;
/// Every channel may have this share of max_messages, even when the others fill the structure.
constexpr std::size_t fair_percent = 1;
constexpr seconds scan_retry_pause{60};
/// Envelopes read at a time, and how many identified messages are enough.
constexpr unsigned most_identifying = 256;
constexpr std::size_t enough_identified = 1000;

}  // namespace

std::size_t Scheduler::Impl::fair_share() const {
    return std::max<std::size_t>(1, max_messages * fair_percent / 100);
}

bool Scheduler::Impl::has_room(const ChannelState& channel) const {
    return table.size() < max_messages || channel.queue.messages < fair_share();
}

void Scheduler::Impl::leave_on_disk(ChannelState& channel) {
    channel.untracked = true;
    // The running scan may be past the place of this file.
    if (channel.scanning && !channel.scan_again) {
        channel.scan_again = true;
        channel.scan_again_age = seconds(0);
    }
    if (overflow) return;
    overflow = true;
    ++counters.overflows;
    decisions.emplace_back(Note{
        true,
        "MAX_MESSAGES (" + std::to_string(max_messages) +
            ") reached: further messages wait on disk until there is room",
        limits::Limit::max_messages});
}

void Scheduler::Impl::start_scan(ChannelState& channel, seconds least_age) {
    channel.scanning = true;
    channel.scan_left_some = false;
    channel.scan_retry.reset();
    // What was left there for want of room may be young.
    if (channel.untracked) least_age = seconds(0);
    const auto competitors = static_cast<std::size_t>(std::count_if(
        channels.begin(), channels.end(), [](const ChannelState& each) { return each.untracked; }
    ));
    const std::size_t room = max_messages > table.size() ? max_messages - table.size() : 0;
    const std::size_t fair =
        fair_share() > channel.queue.messages ? fair_share() - channel.queue.messages : 0;
    channel.scan_quota = std::max({room / std::max<std::size_t>(1, competitors), fair, 1UL});
    ++counters.scans;
    // Among that many of the oldest there are enough that are not tracked yet.
    decisions.emplace_back(ScanChannel{
        channel.settings().name, least_age, channel.queue.messages + channel.scan_quota + 1});
}

void Scheduler::Impl::request_scan(ChannelState& channel, seconds least_age) {
    if (!channel.scanning) return start_scan(channel, least_age);
    channel.scan_again_age =
        channel.scan_again ? std::min(channel.scan_again_age, least_age) : least_age;
    channel.scan_again = true;
}

EnqueueResult Scheduler::Impl::scan_offer(
    ChannelState& channel, const ScannedFile& file, MonoTime now, WallTime wall
) {
    if (file.file.empty() || file.file.size() > jobs::max_file_name) return EnqueueResult::refused;
    if (table.find(channel.queue, file.file) != nullptr) return EnqueueResult::known;
    if (channel.scan_left_some || channel.scan_quota == 0 || !has_room(channel)) {
        channel.scan_left_some = true;
        leave_on_disk(channel);
        return EnqueueResult::on_disk;
    }
    --channel.scan_quota;
    TrackedMessage& added = table.add(channel.queue, file.file);
    ++channel.queue.messages;
    added.size = 0;
    added.recipients = 1;
    added.attempts = static_cast<std::uint16_t>(std::min(file.attempts, 65535U));
    added.priority = jobs::Priority::normal;
    added.enqueued = file.enqueued;
    added.set_rank(false);
    channel.dirty = true;
    const bool tried = added.attempts > 0;
    if (!identify || (channel.settings().anon_host && !tried)) channel.queue.set_host(added, {});
    if (!tried) {
        channel.queue.make_ready(added, now);
        return EnqueueResult::tracked;
    }
    // The wall clock may have been set back since: an interval begins now at the latest.
    const auto passed = std::max(WallTime::duration(0), wall - file.last_attempt);
    added.last_attempt = now - passed;
    await_next_attempt(channel, added, now);
    return EnqueueResult::tracked;
}

// While nobody has read the priority, after the shortest of the intervals: then it is read.
void Scheduler::Impl::await_next_attempt(
    ChannelState& channel, TrackedMessage& message, MonoTime now
) {
    const BackoffByPriority& backoff = channel.settings().backoff;
    auto interval = backoff.of(message.priority).after(message.attempts);
    if (message.host == nullptr) {
        for (const BackoffSchedule& schedule : backoff.schedules)
            interval = std::min(interval, schedule.after(message.attempts));
    }
    const MonoTime due = message.last_attempt + interval;
    if (due > now) {
        channel.queue.delay_until(message, due);
    } else {
        channel.queue.make_ready(message, now);
    }
}

void Scheduler::Impl::scan_end(ChannelState& channel, ScanResult result, MonoTime now) {
    if (!channel.scanning) return;
    const bool complete = result != ScanResult::failed;
    if (result == ScanResult::truncated) {
        channel.scan_left_some = true;
        leave_on_disk(channel);
    }
    channel.scanning = false;
    channel.dirty = true;
    if (!complete) {
        channel.scan_retry = now + scan_retry_pause;
    } else if (!channel.scan_left_some && !channel.scan_again) {
        channel.untracked = false;
    }
    if (std::exchange(channel.scan_again, false) && complete && !channel.scan_left_some) {
        return start_scan(channel, channel.scan_again_age);
    }
    const bool all_in = std::none_of(channels.begin(), channels.end(), [](const auto& each) {
        return each.untracked;
    });
    if (overflow && all_in) {
        overflow = false;
        note(false, "all messages on disk are tracked again");
    }
}

// After an overflow: look at the directory again once there is room.
void Scheduler::Impl::refill(ChannelState& channel, MonoTime now) {
    if (!channel.untracked || channel.scanning || shutting_down) return;
    if (channel.scan_retry && now < *channel.scan_retry) return;
    const bool drained = table.size() * 100 < max_messages * refill_percent;
    if ((drained || channel.queue.messages == 0) && has_room(channel)) {
        start_scan(channel, seconds(0));
    }
}

void Scheduler::Impl::identify_some(ChannelState& channel) {
    while (!shutting_down && channel.identifying < most_identifying &&
           channel.queue.available() + channel.identifying < enough_identified) {
        TrackedMessage* message = channel.queue.next_unidentified();
        if (message == nullptr) return;
        ++channel.identifying;
        decisions.emplace_back(Identify{
            message->handle(), channel.settings().name, std::string(message->file())});
    }
}

void Scheduler::Impl::identified(
    TrackedMessage& message, const std::optional<Identity>& identity, MonoTime now
) {
    ChannelState& channel = *find_channel(message.channel->settings().name);
    --channel.identifying;
    channel.dirty = true;
    message.state = State::unlinked;
    channel.queue.set_host(message, identity ? identity->host : std::string());
    if (identity) {
        message.priority =
            channel.settings().size_demotion.priority(identity->priority, identity->size);
        message.size = identity->size;
        message.recipients = identity->recipients;
        message.enqueued = identity->enqueued;
        message.set_rank(message.rank == 0);
    }
    if (message.last_attempt == MonoTime{} || message.rank == 0)
        return channel.queue.make_ready(message, now);
    await_next_attempt(channel, message, now);
    message.last_attempt = {};
}

void Scheduler::begin(MonoTime now) {
    (void)synchronise({}, now);
}

std::uint32_t Scheduler::synchronise(std::string_view name, MonoTime /*now*/) {
    std::uint32_t count = 0;
    for (ChannelState& channel : impl_->channels) {
        if (!name.empty() && !equals_ignoring_case(channel.settings().name, name)) continue;
        impl_->request_scan(channel, seconds(0));
        ++count;
    }
    return count;
}

EnqueueResult Scheduler::scan_offer(
    std::string_view name, const ScannedFile& file, MonoTime now, WallTime wall
) {
    ChannelState* channel = impl_->find_channel(name);
    return channel == nullptr ? EnqueueResult::refused
                              : impl_->scan_offer(*channel, file, now, wall);
}

void Scheduler::scan_end(std::string_view name, ScanResult result, MonoTime now) {
    if (ChannelState* channel = impl_->find_channel(name)) impl_->scan_end(*channel, result, now);
}

void Scheduler::identified(Handle handle, const std::optional<Identity>& identity, MonoTime now) {
    TrackedMessage* message = impl_->table.find(handle);
    if (message == nullptr || message->state != State::identifying) return;
    impl_->identified(*message, identity, now);
}

}  // namespace sluice::job_controller
