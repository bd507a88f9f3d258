#include "tracking/progress.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace sluice::tracking {

namespace {

using log::Event;
using log::EventKind;

std::string place_of(std::string_view queue, const Event& event) {
    std::string out(queue);
    out += '\n';
    return out +=
           to_lower(event.original_recipient.empty() ? event.recipient : event.original_recipient);
}

}  // namespace

bool is_hop(std::string_view channel) {
    constexpr std::array<std::string_view, 5> hops = {
        "conversion", "process", "reprocess", "hold", "defragment"};
    return std::any_of(hops.begin(), hops.end(), [&](auto hop) {
        return channel == hop || (channel.starts_with(hop) && channel[hop.size()] == '_');
    });
}

void Progress::arrive(const std::string& place, int count) {
    under_way[place] += count;
    ended = false;
}

void Progress::leave(const std::string& place, int count) {
    const auto found = under_way.find(place);
    if (found == under_way.end()) return;
    found->second -= count;
    if (found->second <= 0) under_way.erase(found);
    ended = under_way.empty();
}

void Progress::note_native(const Event& event) {
    switch (event.kind) {
        case EventKind::enqueued:
            // A hop's own entry may be missing, or come later.
            if (is_hop(event.source_channel)) leave(place_of(event.source_channel, event));
            begun = begun || !is_hop(event.source_channel);
            arrive(place_of(event.destination_channel, event));
            break;
        case EventKind::dequeued:
        case EventKind::returned:
        case EventKind::discarded:
        case EventKind::requeued:
            leave(place_of(event.source_channel, event));
            break;
        case EventKind::enqueue_refused:
        case EventKind::aborted:
            begun = true;
            ended = under_way.empty();
            break;
        default:
            break;
    }
}

void Progress::note_postoffice(const Record& record) {
    const int count = static_cast<int>(record.events.size());
    if (record.entry == "SMTP-Accept:Received") {
        begun = true;
        arrive("", count);
    } else if (record.entry == "Mailbox-Deliver" || record.entry == "Program-Deliver") {
        leave("", count);
    } else if (record.entry == "SMTP-Deliver" && record.field("action") == "Delivered") {
        leave("", count);
    }
}

void Progress::note_message(const Record& record) {
    if (is_native(record.dialect)) {
        note_native(record.events.front());
    } else if (record.dialect == Dialect::postoffice) {
        note_postoffice(record);
    } else if (record.entry == "new msg" || record.entry == "info msg") {
        begun = true;
    } else if (record.entry == "end msg") {
        ended = true;
    }
}

void Progress::note_connection(const Record& record) {
    if (record.dialect == Dialect::qmail_smtpd) {
        begun = begun || record.entry == "pid" || record.entry == "ok";
        ended = ended || record.entry == "end";
        return;
    }
    for (const Event& event : record.events) {
        const bool alone = event.kind == EventKind::connection_refused ||
                           event.kind == EventKind::connection_failed;
        begun = begun || alone || event.kind == EventKind::connection_opened;
        ended = ended || alone || event.kind == EventKind::connection_closed;
    }
}

void Progress::join(const Progress& other) {
    begun = begun || other.begun;
    for (const auto& [place, count] : other.under_way) under_way[place] += count;
    ended = under_way.empty() && (ended || other.ended);
}

}  // namespace sluice::tracking
