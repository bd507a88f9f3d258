#include "counters/tally.h"

#include <algorithm>

namespace sluice::counters {

namespace {

using log::Event;
using log::EventKind;

bool is_disposition(EventKind kind) {
    switch (kind) {
        case EventKind::dequeued:
        case EventKind::returned:
        case EventKind::discarded:
        case EventKind::deferred:
        case EventKind::requeued:
            return true;
        default:
            return false;
    }
}

/// Events that stand side by side and are about the same queue file.
bool belongs_to(const Event& event, const Event& first) {
    const bool same_kind = event.kind == first.kind ||
                           (is_disposition(first.kind) &&
                            (is_disposition(event.kind) || event.kind == EventKind::warned));
    return same_kind && event.file_name == first.file_name &&
           event.source_channel == first.source_channel &&
           event.destination_channel == first.destination_channel;
}

class Tally {
public:
    explicit Tally(std::uint64_t block_size)
        : block_size_(std::max<std::uint64_t>(block_size, 1)) {}

    void file(std::span<const Event> events) {
        const Event& first = events.front();
        if (is_disposition(first.kind)) return disposed(events);
        switch (first.kind) {
            case EventKind::enqueued:
                return enqueued(events);
            case EventKind::enqueue_refused:
                return message(first, first.source_channel, Group::rejected, 1, events.size());
            case EventKind::held:
                return held(first);
            case EventKind::connection_opened:
                return associate(
                    first, is_inbound(first) ? Association::total_in : Association::total_out
                );
            case EventKind::connection_refused:
                return associate(
                    first, is_inbound(first) ? Association::rejected_in : Association::rejected_out
                );
            case EventKind::connection_failed:
                return associate(first, Association::failed_out);
            default:
                return;
        }
    }
    [[nodiscard]] std::vector<Change> finish() { return std::move(changes_); }

private:
    static bool is_inbound(const Event& event) {
        return event.direction == log::Direction::inbound;
    }

    void add(std::string_view channel, Cell where, std::int64_t amount) {
        if (amount != 0 && !channel.empty()) changes_.push_back({channel, where, amount});
    }
    void associate(const Event& event, Association association) {
        add(event.source_channel, association_cell(association), 1);
    }

    void message(
        const Event& event,
        std::string_view channel,
        Group group,
        std::int64_t messages,
        std::size_t recipients
    ) {
        add_group(event, channel, group, messages, static_cast<std::int64_t>(recipients));
    }
    void add_group(
        const Event& event,
        std::string_view channel,
        Group group,
        std::int64_t messages,
        std::int64_t recipients
    ) {
        const auto octets = static_cast<std::int64_t>(event.bytes);
        const auto blocks =
            static_cast<std::int64_t>((event.bytes + block_size_ - 1) / block_size_);
        add(channel, cell(group, Measure::messages), messages);
        add(channel, cell(group, Measure::recipients), recipients);
        add(channel, cell(group, Measure::octets), messages * octets);
        add(channel, cell(group, Measure::blocks), messages * blocks);
    }

    void enqueued(std::span<const Event> events) {
        const Event& first = events.front();
        message(first, first.source_channel, Group::submitted, 1, events.size());
        message(first, first.destination_channel, Group::received, 1, events.size());
        // What is thrown away at once is in no queue.
        if (first.file_name.empty()) return;
        message(first, first.destination_channel, Group::stored, 1, events.size());
    }

    void disposed(std::span<const Event> events) {
        const Event& first = events.front();
        const auto count = [&](EventKind kind) {
            return std::count_if(events.begin(), events.end(), [&](const Event& event) {
                return event.kind == kind;
            });
        };
        const auto delivered = count(EventKind::dequeued);
        const auto returned = count(EventKind::returned);
        const auto given_up = returned + count(EventKind::discarded);
        const auto waiting = count(EventKind::deferred);
        const auto moved = count(EventKind::requeued);
        const std::string_view channel = first.source_channel;

        // A file that stays with some of its recipients is counted when it goes.
        const bool leaves = waiting == 0;
        const bool at_once = delivered > 0 && first.attempt == 0;
        if (delivered + given_up > 0) {
            const auto in_time = at_once ? delivered : 0;
            const auto late = delivered + given_up - in_time;
            add_group(first, channel, Group::delivered_first, leaves && at_once ? 1 : 0, in_time);
            add_group(first, channel, Group::delivered_later, leaves && !at_once ? 1 : 0, late);
            if (leaves) time(first, at_once ? Attempt::first : Attempt::later);
        }
        if (returned > 0) add_group(first, channel, Group::failed, 1, returned);
        if (waiting + moved > 0) add_group(first, channel, Group::attempted, 1, waiting + moved);
        // The recipients that wait on are stored again by the E of their new file.
        add_group(first, channel, Group::stored, leaves ? -1 : 0, -(delivered + given_up + moved));
    }

    void time(const Event& event, Attempt attempt) {
        add(event.source_channel, bucket_cell(attempt, bucket_of(event.queue_time)), 1);
        // A clock that was set back makes no sum smaller.
        add(event.source_channel, seconds_cell(attempt),
            std::max<std::int64_t>(event.queue_time.count(), 0));
    }

    void held(const Event& event) {
        if (event.diagnostic.starts_with("held: loop")) add(event.source_channel, loops_cell, 1);
    }

    std::uint64_t block_size_;
    std::vector<Change> changes_;
};

}  // namespace

bool is_counted(EventKind kind) {
    switch (kind) {
        case EventKind::enqueued:
        case EventKind::enqueue_refused:
        case EventKind::held:
        case EventKind::connection_opened:
        case EventKind::connection_closed:
        case EventKind::connection_refused:
        case EventKind::connection_failed:
            return true;
        default:
            return is_disposition(kind);
    }
}

std::size_t bucket_of(std::chrono::seconds time) {
    const auto seconds = static_cast<double>(std::max<std::int64_t>(time.count(), 0));
    const auto at = std::lower_bound(queue_time_bounds.begin(), queue_time_bounds.end(), seconds);
    return static_cast<std::size_t>(at - queue_time_bounds.begin());
}

std::vector<Change> tally(std::span<const Event> events, std::uint64_t block_size) {
    Tally tally(block_size);
    for (std::size_t begin = 0; begin < events.size();) {
        if (!is_counted(events[begin].kind)) {
            ++begin;
            continue;
        }
        std::size_t end = begin + 1;
        while (end < events.size() && belongs_to(events[end], events[begin])) ++end;
        tally.file(events.subspan(begin, end - begin));
        begin = end;
    }
    return tally.finish();
}

}  // namespace sluice::counters
