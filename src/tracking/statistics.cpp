#include "tracking/statistics.h"

#include <algorithm>
#include <cstdio>

#include "base/bytes.h"
#include "tracking/progress.h"

namespace sluice::tracking {

namespace {

using log::Event;
using log::EventKind;

std::uint64_t hash_of(std::string_view a, std::string_view b = {}) {
    std::string text = to_lower(a);
    text += '\n';
    text += to_lower(b);
    return std::hash<std::string>()(text);
}

const std::string& original_of(const Event& event) {
    return event.original_recipient.empty() ? event.recipient : event.original_recipient;
}

// Of the active recipient, or, where that is a bare name, of the address that was written to.
std::string domain_of(const Event& event) {
    for (const std::string* address : {&event.recipient, &event.original_recipient}) {
        const std::size_t at = address->rfind('@');
        if (at != std::string::npos && at + 1 < address->size())
            return to_lower(address->substr(at + 1));
    }
    return {};
}

std::string hour_of(WallTime time, const TimeZone& zone) {
    const CivilTime at = civil_time(time, zone);
    std::array<char, 64> out{};
    std::snprintf(
        out.data(), out.size(), "%04d-%02u-%02u %02u:00", at.year, at.month, at.day, at.hour
    );
    return out.data();
}

template <class Key>
void forget_oldest(std::deque<std::uint64_t>& order, Key& known) {
    if (order.size() <= Statistics::most_remembered) return;
    known.erase(order.front());
    order.pop_front();
}

// The reply that a diagnostic has, and its status where it has one.
std::string reply_of(std::string_view diagnostic) {
    const std::size_t reply = diagnostic.find("smtp;");
    std::string_view text =
        reply == std::string_view::npos ? diagnostic : trim(diagnostic.substr(reply + 5));
    const auto words = split_words(text.substr(0, 40));
    const bool coded = !words.empty() && words.front().size() == 3 && parse_unsigned(words.front());
    if (!coded) {
        constexpr std::size_t shown = 40;
        text = diagnostic.substr(0, std::min(diagnostic.find(':'), shown));
        return text.empty() ? "no reason given" : std::string(trim(text));
    }
    std::string out(words.front());
    if (words.size() > 1 && parse_status_code(words[1])) (out += ' ') += words[1];
    return out;
}

}  // namespace

void Counts::add(const Counts& other) {
    messages += other.messages;
    octets += other.octets;
    recipients += other.recipients;
    delivered += other.delivered;
    deferred += other.deferred;
    bounced += other.bounced;
    discarded += other.discarded;
    refused += other.refused;
    connections += other.connections;
    rejected += other.rejected;
    delays += other.delays;
    delay_seconds += other.delay_seconds;
    longest_delay = std::max(longest_delay, other.longest_delay);
}

void Statistics::add(const Record& record) {
    ++lines_;
    if (!record.understood()) {
        ++not_understood_;
        return;
    }
    for (const Event& event : record.events) add_event(record, event);
}

void Statistics::add_event(const Record& record, const Event& event) {
    const Counts counts = counts_of(record, event);
    total_.add(counts);
    if (!event.source_channel.empty()) channels_[event.source_channel].add(counts);
    if (record.stamp.time) hours_[hour_of(*record.stamp.time, zone_)].add(counts);
    std::string domain = domain_of(event);
    if (domain.empty()) return;
    if (domains_.size() >= most_domains && !domains_.contains(domain)) domain = "others";
    domains_[domain].add(counts);
}

// The copies of one message have its id, or come from one sender at one moment.
bool Statistics::is_new_message(const Event& event) {
    std::uint64_t key = 0;
    if (!event.message_id.empty() || !event.envelope_id.empty()) {
        key = hash_of(event.message_id.empty() ? event.envelope_id : event.message_id);
    } else {
        key = hash_of(event.sender, std::to_string(event.time.time_since_epoch().count()));
        const bool same = key == last_anonymous_;
        last_anonymous_ = key;
        return !same;
    }
    if (!messages_.insert(key).second) return false;
    message_order_.push_back(key);
    forget_oldest(message_order_, messages_);
    return true;
}

Counts Statistics::counts_of(const Record& record, const Event& event) {
    Counts counts;
    switch (event.kind) {
        case EventKind::enqueued:
            // What a hop passes on was counted when it came.
            if (is_hop(event.source_channel)) break;
            counts.recipients = event.recipient.empty() && original_of(event).empty() ? 0 : 1;
            if (is_new_message(event)) {
                counts.messages = 1;
                counts.octets = event.bytes;
            }
            note_delay(record, event, counts);
            break;
        case EventKind::dequeued:
            if (is_hop(event.source_channel)) break;
            counts.delivered = 1;
            note_delay(record, event, counts);
            break;
        case EventKind::deferred:
        case EventKind::requeued:
            counts.deferred = 1;
            break;
        case EventKind::returned:
            counts.bounced = 1;
            note_reason(event);
            break;
        case EventKind::discarded:
            counts.discarded = 1;
            break;
        case EventKind::enqueue_refused:
            counts.refused = 1;
            note_reason(event);
            break;
        case EventKind::connection_opened:
            counts.connections = 1;
            break;
        case EventKind::connection_refused:
            counts.rejected = 1;
            break;
        default:
            break;
    }
    return counts;
}

void Statistics::note_reason(const Event& event) {
    constexpr std::size_t most_reasons = 500;
    std::string reason = reply_of(event.diagnostic.empty() ? event.reason : event.diagnostic);
    if (reasons_.size() >= most_reasons && !reasons_.contains(reason)) reason = "others";
    ++reasons_[reason];
}

void Statistics::note_delay(const Record& record, const Event& event, Counts& counts) {
    const std::string& id = event.message_id.empty() ? event.envelope_id : event.message_id;
    const std::uint64_t key = hash_of(id + event.sender, original_of(event));
    if (event.kind == EventKind::enqueued) {
        if (!record.stamp.time || !accepted_.emplace(key, *record.stamp.time).second) return;
        accepted_order_.push_back(key);
        forget_oldest(accepted_order_, accepted_);
        return;
    }
    std::chrono::seconds delay{-1};
    const auto accepted = accepted_.find(key);
    if (accepted != accepted_.end() && record.stamp.time) {
        delay =
            std::chrono::duration_cast<std::chrono::seconds>(*record.stamp.time - accepted->second);
    } else if (record.shows.queue_time) {
        delay = event.queue_time;
    }
    if (delay.count() < 0) return;
    const auto seconds = static_cast<std::uint64_t>(delay.count());
    counts.delays = 1;
    counts.delay_seconds = seconds;
    counts.longest_delay = seconds;
    std::size_t index = 0;
    while (index < delay_classes.size() && seconds > delay_classes[index]) ++index;
    ++delays_[index];
}

}  // namespace sluice::tracking
