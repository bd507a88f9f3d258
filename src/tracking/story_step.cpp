// A line as a sentence.
#include "base/bytes.h"
#include "log/diagnostic.h"
#include "tracking/entry_text.h"
#include "tracking/progress.h"
#include "tracking/story.h"

namespace sluice::tracking {

namespace {

using log::Event;
using log::EventKind;

std::string address(const std::string& text) {
    return text.empty() ? "<>" : text;
}

void add(std::string& out, std::string_view before, std::string_view text) {
    if (text.empty()) return;
    if (!out.empty()) out += ' ';
    out += before;
    out += text;
}

// "adam (sent to test-list@sesta.com)"
std::string recipient_text(const Event& event) {
    std::string out = event.recipient;
    const std::string& original = event.original_recipient;
    if (!original.empty() && !equals_ignoring_case(original, event.recipient))
        out += " (sent to " + original + ')';
    return out;
}

std::string size_text(std::uint64_t bytes) {
    return bytes < 1024 ? std::to_string(bytes) + " octets"
                        : std::to_string((bytes + 1023) / 1024) + " KiB";
}

// Attempt prefixes count down from ZZ in base 36.
unsigned attempt_of(const Event& event) {
    if (event.attempt > 0) return event.attempt;
    const std::size_t slash = event.file_name.rfind('/');
    if (slash == std::string::npos || slash + 2 >= event.file_name.size()) return 0;
    const auto value = [](char c) -> int {
        if (is_digit(c)) return c - '0';
        return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
    };
    const int high = value(event.file_name[slash + 1]);
    const int low = value(event.file_name[slash + 2]);
    if (high < 0 || low < 0) return 0;
    return static_cast<unsigned>(36 * 36 - (high * 36 + low));
}

/// Version and cipher where the application field has them ("SMTP/client.example/TLSv1.3-256-..."),
/// else that there was TLS at all.
std::string tls_text(const Event& event) {
    if (!event.modifiers.tls) return {};
    const std::size_t slash = event.application.rfind('/');
    if (slash == std::string::npos || event.application.compare(slash + 1, 3, "TLS") != 0)
        return "TLS";
    return event.application.substr(slash + 1);
}

std::string accepted_text(const Event& event) {
    std::string out = "from " + address(event.sender);
    add(out, "for ", recipient_text(event));
    if (event.bytes > 0) out += ", " + size_text(event.bytes);
    const std::string peer = log::connection_text(event.source);
    add(out, "from host ", peer);
    add(out, "by user ", event.username);
    add(out, "over ", tls_text(event));
    if (!event.source_channel.empty() && !event.destination_channel.empty())
        add(out, "by channel ", event.source_channel + ", queued for " + event.destination_channel);
    add(out, "as ", unique_part(event.file_name));
    return out;
}

void tell_enqueued(const Event& event, Step& step) {
    if (!event.original_message_id.empty()) {
        step.what = "notified";
        step.text = "notification " + event.message_id + " to " + recipient_text(event);
        return;
    }
    const std::string_view from = event.source_channel;
    step.what = from.starts_with("conversion") ? "converted" : is_hop(from) ? "passed" : "accepted";
    step.text = accepted_text(event);
}

void tell_outcome(const Event& event, std::string_view what, Step& step) {
    step.what = what;
    step.text = recipient_text(event);
    add(step.text, "by channel ", event.source_channel);
    add(step.text, "at ", event.remote_host);
    add(step.text, "over ", tls_text(event));
    if (event.kind == EventKind::deferred || event.kind == EventKind::requeued) {
        const unsigned attempt = attempt_of(event);
        if (attempt > 0) add(step.text, "attempt ", std::to_string(attempt));
    }
    if (!event.reason.empty()) step.text += ": " + event.reason;
    if (!event.diagnostic.empty()) step.text += ": " + event.diagnostic;
}

void tell_connection(const Event& event, std::string_view what, Step& step) {
    step.what = what;
    step.text = event.direction == log::Direction::inbound ? "inbound" : "outbound";
    add(step.text, "on channel ", event.source_channel);
    if (event.transport) add(step.text, "", log::transport_text(*event.transport));
    add(step.text, "", event.application);
    add(step.text, "user ", event.username);
    add(step.text, "", event.message_info);
    if (!event.diagnostic.empty()) step.text += ": " + event.diagnostic;
}

void tell_event(const Event& event, Step& step) {
    switch (event.kind) {
        case EventKind::enqueued:
            return tell_enqueued(event, step);
        case EventKind::dequeued:
            return tell_outcome(event, is_hop(event.source_channel) ? "passed" : "delivered", step);
        case EventKind::deferred:
        case EventKind::requeued:
            return tell_outcome(event, "deferred", step);
        case EventKind::returned:
            return tell_outcome(event, "bounced", step);
        case EventKind::discarded:
            return tell_outcome(event, "discarded", step);
        case EventKind::warned:
            return tell_outcome(event, "warned", step);
        case EventKind::held:
            return tell_outcome(event, "held", step);
        case EventKind::aborted:
            return tell_outcome(event, "aborted", step);
        case EventKind::enqueue_refused:
            step.what = "refused";
            step.text = "from " + address(event.sender) + " for " + recipient_text(event);
            add(step.text, "from host ", log::connection_text(event.source));
            if (!event.diagnostic.empty()) step.text += ": " + event.diagnostic;
            return;
        case EventKind::delivery_started:
            return tell_outcome(event, "attempted", step);
        case EventKind::message_gone:
            step.what = "gone";
            return;
        case EventKind::connection_opened:
        case EventKind::connection_arrived:
            return tell_connection(event, "connected", step);
        case EventKind::connection_closed:
            return tell_connection(event, "closed", step);
        case EventKind::connection_refused:
        case EventKind::connection_tagged:
            return tell_connection(event, "rejected", step);
        case EventKind::connection_failed:
            return tell_connection(event, "unreachable", step);
        case EventKind::authentication:
            return tell_connection(event, "authenticated", step);
        case EventKind::etrn:
            return tell_connection(event, "etrn", step);
        case EventKind::bad_command:
            step.what = "command";
            step.text = event.command + ": " + event.diagnostic;
            return;
        case EventKind::sender_accepted:
            step.what = "mail";
            step.text = "from " + address(event.sender);
            add(step.text, "from host ", log::connection_text(event.source));
            return;
        case EventKind::recipient_accepted:
            step.what = "recipient";
            step.text = event.recipient + ", mail from " + address(event.sender);
            add(step.text, "from host ", log::connection_text(event.source));
            return;
        case EventKind::header_line:
            step.what = "header";
            step.text = event.header_line;
            return;
        default:
            return;
    }
}

}  // namespace

Step tell_step(const Record& record) {
    Step step;
    step.stamp = record.stamp.text;
    step.time = record.stamp.time;
    step.line = record.line;
    step.dialect = record.dialect;
    if (!record.events.empty()) tell_event(record.events.front(), step);
    for (std::size_t i = 1; i < record.events.size(); ++i)
        step.text += ", " + record.events[i].recipient;
    if (step.what.empty()) {
        step.what = "noted";
        step.text = record.body.empty() ? record.line : record.body;
    }
    return step;
}

}  // namespace sluice::tracking
