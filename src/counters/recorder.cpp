#include "counters/recorder.h"

#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "counters/segment.h"
#include "counters/tally.h"

namespace sluice::counters {

namespace {

/// How often we look whether the file was taken away, and try again to have one.
constexpr std::chrono::seconds look_again{2};

bool is_inbound(const log::Event& event) {
    return event.direction == log::Direction::inbound;
}

}  // namespace

struct Recorder::Impl {
    Impl(std::string its_path, std::size_t its_channels)
        : path(std::move(its_path)), channels(its_channels) {}

    const std::string path;
    const std::size_t channels;
    std::atomic<Segment*> segment{nullptr};
    std::atomic<MonoTime::rep> next_look{0};

    std::mutex open_mutex;                           // guards the three below
    std::vector<std::unique_ptr<Segment>> segments;  // old ones too: threads may still add to them
    bool complained = false;

    std::shared_mutex places_mutex;  // guards the two below
    std::map<std::string, std::size_t, std::less<>> places;
    Segment* places_of = nullptr;

    std::mutex sessions_mutex;  // guards the next
    // A session may end on another channel than it began on.
    std::unordered_map<std::uint64_t, std::string> sessions;

    Segment* current();
    void renew();
    std::optional<std::size_t> place(Segment& in, std::string_view channel);
    void connection(Segment& in, const log::Event& event);
    std::string session_channel(const log::Event& event);
};

Segment* Recorder::Impl::current() {
    const MonoTime::rep now = system_clock().mono_now().time_since_epoch().count();
    MonoTime::rep due = next_look.load(std::memory_order_relaxed);
    if (now >= due) {
        const MonoTime::rep later = now + MonoTime::duration(look_again).count();
        if (next_look.compare_exchange_strong(due, later)) renew();
    }
    return segment.load(std::memory_order_acquire);
}

void Recorder::Impl::renew() {
    const std::lock_guard lock(open_mutex);
    if (!segments.empty() && !segments.back()->is_orphan()) return;
    auto opened = Segment::open(path, channels);
    if (!opened) {
        if (!complained) diag::warning("nothing is counted: " + opened.error().detail());
        complained = true;
        return;
    }
    complained = false;
    segments.push_back(std::move(*opened));
    segment.store(segments.back().get(), std::memory_order_release);
}

std::optional<std::size_t> Recorder::Impl::place(Segment& in, std::string_view channel) {
    {
        const std::shared_lock lock(places_mutex);
        if (places_of == &in) {
            const auto known = places.find(channel);
            if (known != places.end()) return known->second;
        }
    }
    const auto found = in.place_of(channel);
    if (!found) return std::nullopt;
    const std::unique_lock lock(places_mutex);
    if (places_of != &in) places.clear();
    places_of = &in;
    places.emplace(channel, *found);
    return found;
}

/// The channel that the connection was counted for when it was opened; empty: it was not.
std::string Recorder::Impl::session_channel(const log::Event& event) {
    if (event.session == 0) return event.source_channel;
    const std::lock_guard lock(sessions_mutex);
    if (event.kind == log::EventKind::connection_opened) {
        sessions[event.session] = event.source_channel;
        return event.source_channel;
    }
    auto known = sessions.extract(event.session);
    return known.empty() ? std::string() : std::move(known.mapped());
}

void Recorder::Impl::connection(Segment& in, const log::Event& event) {
    const std::string channel = session_channel(event);
    const auto where = place(in, channel);
    if (!where) return;
    const bool opened = event.kind == log::EventKind::connection_opened;
    in.add_current(*where, is_inbound(event), opened ? 1 : -1);
}

Recorder::Recorder(std::string path, std::size_t channels)
    : impl_(std::make_unique<Impl>(std::move(path), channels)) {}

Recorder::~Recorder() = default;

bool Recorder::wants(log::EventKind kind) const {
    return is_counted(kind);
}

void Recorder::post(std::span<const log::Event> events, const log::LogOptions& options) {
    Segment* segment = impl_->current();
    if (segment == nullptr) return;
    for (const Change& change : tally(events, options.block_size)) {
        const auto place = impl_->place(*segment, change.channel);
        if (place) segment->add(*place, change.cell, change.amount);
    }
    for (const log::Event& event : events) {
        if (event.kind == log::EventKind::connection_opened ||
            event.kind == log::EventKind::connection_closed) {
            impl_->connection(*segment, event);
        }
        const bool in = event.kind == log::EventKind::enqueued;
        if (!in && event.kind != log::EventKind::dequeued) continue;
        const auto place =
            impl_->place(*segment, in ? event.destination_channel : event.source_channel);
        if (place) segment->set_last(*place, in, event.time);
    }
}

}  // namespace sluice::counters
