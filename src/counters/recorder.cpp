#include "counters/recorder.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "counters/segment.h"
#include "counters/tally.h"

namespace sluice::counters {

namespace {

bool is_inbound(const log::Event& event) {
    return event.direction == log::Direction::inbound;
}

/// A segment that is in use, and what is known of it.
struct Opened {
    std::unique_ptr<Segment> segment;
    std::shared_mutex mutex;  // guards the next
    std::map<std::string, std::size_t, std::less<>> places;

    std::optional<std::size_t> place(std::string_view channel);
};

std::optional<std::size_t> Opened::place(std::string_view channel) {
    {
        const std::shared_lock lock(mutex);
        const auto known = places.find(channel);
        if (known != places.end()) return known->second;
    }
    const auto found = segment->place_of(channel);
    if (!found) return std::nullopt;
    const std::unique_lock lock(mutex);
    places.emplace(channel, *found);
    return found;
}

/// The connections of this process that are open now. They are no sums: where the file is replaced
/// the new one shows them all the same.
class OpenConnections {
public:
    void opened(const log::Event& event) {
        const std::lock_guard lock(mutex_);
        if (event.session != 0) sessions_[event.session] = event.source_channel;
        change(event.source_channel, is_inbound(event), 1);
    }
    // A session may end on another channel than it began on; one that nobody opened ends nothing.
    void closed(const log::Event& event) {
        const std::lock_guard lock(mutex_);
        if (event.session == 0) return change(event.source_channel, is_inbound(event), -1);
        const auto known = sessions_.extract(event.session);
        if (!known.empty()) change(known.mapped(), is_inbound(event), -1);
    }
    /// Shows what has changed since the last time, all of it to a segment that is new.
    void show(const std::shared_ptr<Opened>& in) {
        const std::lock_guard lock(mutex_);
        if (shown_in_.lock() != in) {
            shown_in_ = in;
            for (auto& [channel, open] : channels_) open.changed = true;
            changed_ = true;
        }
        if (!std::exchange(changed_, false)) return;
        for (auto& [channel, open] : channels_) {
            if (!std::exchange(open.changed, false)) continue;
            const auto place = in->place(channel);
            if (!place) continue;
            in->segment->set_current(*place, true, open.in);
            in->segment->set_current(*place, false, open.out);
        }
    }

private:
    struct Open {
        std::int32_t in = 0;
        std::int32_t out = 0;
        bool changed = false;
    };

    void change(const std::string& channel, bool inbound, std::int32_t amount) {
        Open& open = channels_[channel];
        std::int32_t& number = inbound ? open.in : open.out;
        number = std::max(number + amount, 0);
        open.changed = changed_ = true;
    }

    std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::string> sessions_;
    std::map<std::string, Open> channels_;
    bool changed_ = false;
    std::weak_ptr<Opened> shown_in_;
};

}  // namespace

struct Recorder::Impl {
    Impl(std::string its_path, std::size_t its_channels, MonoTime::duration its_pause)
        : path(std::move(its_path)), channels(its_channels), look_again(its_pause) {}

    const std::string path;
    const std::size_t channels;
    const MonoTime::duration look_again;
    std::atomic<MonoTime::rep> next_look{0};

    std::mutex renew_mutex;  // guards the next
    bool complained = false;

    std::shared_mutex opened_mutex;  // guards the next
    std::shared_ptr<Opened> opened;

    OpenConnections connections;

    LimitCounts owed{};  ///< of limits; guarded by their lock

    /// That of this process for the file: the first one's, where there are several.
    static std::shared_ptr<Impl> of_process(
        const std::string& path, std::size_t channels, MonoTime::duration pause
    );
    /// Nothing where there are no counters now. Somebody who counts keeps the old ones until then.
    std::shared_ptr<Opened> current();
    void renew();
    void count(limits::Limit limit, std::uint64_t times);
};

std::shared_ptr<Recorder::Impl> Recorder::Impl::of_process(
    const std::string& path, std::size_t channels, MonoTime::duration pause
) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<Impl>> all;
    const std::lock_guard lock(mutex);
    std::weak_ptr<Impl>& known = all[path];
    std::shared_ptr<Impl> found = known.lock();
    if (!found) known = found = std::make_shared<Impl>(path, channels, pause);
    return found;
}

std::shared_ptr<Opened> Recorder::Impl::current() {
    const MonoTime::rep now = system_clock().mono_now().time_since_epoch().count();
    MonoTime::rep due = next_look.load(std::memory_order_relaxed);
    if (now >= due) {
        const MonoTime::rep later = now + look_again.count();
        if (next_look.compare_exchange_strong(due, later)) renew();
    }
    const std::shared_lock lock(opened_mutex);
    return opened;
}

void Recorder::Impl::renew() {
    const std::lock_guard lock(renew_mutex);
    if (opened && !opened->segment->is_orphan()) return;
    auto made = Segment::open(path, channels);
    if (!made) {
        if (!complained) diag::warning("nothing is counted: " + made.error().detail());
        complained = true;
        return;
    }
    complained = false;
    auto fresh = std::make_shared<Opened>();
    fresh->segment = std::move(*made);
    const std::unique_lock exclusive(opened_mutex);
    opened = std::move(fresh);
}

void Recorder::Impl::count(limits::Limit limit, std::uint64_t times) {
    owed[static_cast<std::size_t>(limit)] += static_cast<std::int64_t>(times);
    const auto now_open = current();
    if (now_open == nullptr) return;
    for (std::size_t i = 0; i < owed.size(); ++i) {
        const std::int64_t hits = std::exchange(owed[i], 0);
        if (hits != 0) now_open->segment->add_limit_hits(static_cast<limits::Limit>(i), hits);
    }
}

void Recorder::count_limits(const std::string& path, std::size_t channels) {
    auto impl = Impl::of_process(path, channels, std::chrono::seconds(2));
    limits::set_counter([impl = std::move(impl)](limits::Limit limit, std::uint64_t times) {
        impl->count(limit, times);
    });
}

Recorder::Recorder(
    const std::string& path, std::size_t channels, std::chrono::milliseconds look_again
)
    : impl_(Impl::of_process(path, channels, look_again)) {}

Recorder::~Recorder() = default;

bool Recorder::wants(log::EventKind kind) const {
    return is_counted(kind);
}

void Recorder::post(std::span<const log::Event> events, const log::LogOptions& options) {
    for (const log::Event& event : events) {
        if (event.kind == log::EventKind::connection_opened) impl_->connections.opened(event);
        if (event.kind == log::EventKind::connection_closed) impl_->connections.closed(event);
    }
    const auto opened = impl_->current();
    if (opened == nullptr) return;
    Segment& segment = *opened->segment;
    for (const Change& change : tally(events, options.block_size)) {
        const auto place = opened->place(change.channel);
        if (place) segment.add(*place, change.cell, change.amount);
    }
    for (const log::Event& event : events) {
        const bool in = event.kind == log::EventKind::enqueued;
        if (!in && event.kind != log::EventKind::dequeued) continue;
        const auto place = opened->place(in ? event.destination_channel : event.source_channel);
        if (place) segment.set_last(*place, in, event.time);
    }
    impl_->connections.show(opened);
}

}  // namespace sluice::counters
