#include "qmail_log/send_lines.h"

#include <set>

#include "log/message_number.h"
#include "log/shown_recipient.h"
#include "qmail_log/entries.h"

namespace sluice::qmail_log {

namespace {

using log::DeliveryClass;
using log::Event;
using log::EventKind;

std::string status_word(const Event& event) {
    const std::string code = event.status ? event.status->to_string() : std::string();
    return code.empty() ? code : " (#" + code + ')';
}

/// "1.2.3.4", else the host's name.
std::string peer_of(const Event& event) {
    if (event.transport) return event.transport->remote.address.to_string();
    return event.remote_host;
}

std::string success_text(const Event& event) {
    switch (event.delivery_class) {
        case DeliveryClass::mailbox:
            return "did_1+0+0/";
        case DeliveryClass::passage:
            return "did_0+1+0/";
        case DeliveryClass::program:
            return "did_0+0+1/";
        case DeliveryClass::remote:
            break;
    }
    return cleaned(
        peer_of(event) + " accepted message.\nRemote host said: " + event.remote_text + '\n'
    );
}

std::string remote_failure(const Event& event) {
    const std::string peer = peer_of(event);
    return cleaned(
        peer + " does not like recipient.\nRemote host said: " + event.remote_text +
        "\nGiving up on " + peer + ".\n"
    );
}

class Renderer {
public:
    Renderer(std::string& out, const SendLineOptions& options, SendCounters& counters)
        : out_(out), options_(options), counters_(counters) {}

    /// Renders what stands first; returns how many events that took.
    std::size_t render_first(std::span<const Event> events) {
        const Event& event = events.front();
        switch (event.kind) {
            case EventKind::enqueued:
                return enqueued(events);
            case EventKind::delivery_started:
                started(event);
                break;
            case EventKind::dequeued:
                ended(event, "success");
                break;
            case EventKind::deferred:
            case EventKind::requeued:
                ended(event, "deferral");
                break;
            case EventKind::returned:
            case EventKind::discarded:
                ended(event, "failure");
                break;
            case EventKind::message_gone:
                if (counters_.remove_file(number_of(event)))
                    line(event, Entry::message, "end msg " + number_text(event));
                break;
            case EventKind::deliveries_begun:
                counters_.reset();
                status(event);
                break;
            case EventKind::deliveries_stopping:
                counters_.set_stopping();
                status(event);
                line(event, Entry::send_status, "status: qmail-todo stop processing asap");
                break;
            case EventKind::deliveries_stopped:
                line(event, Entry::send_status, "status: exiting");
                break;
            default:
                break;
        }
        return 1;
    }

private:
    static std::uint64_t number_of(const Event& event) {
        return log::message_number(event.envelope_id, event.enqueued);
    }
    static std::string number_text(const Event& event) { return std::to_string(number_of(event)); }
    static SendCounters::DeliveryKey key_of(const Event& event) {
        return {event.process.pid, event.delivery_number};
    }

    std::size_t enqueued(std::span<const Event> events) {
        const Event& event = events.front();
        std::set<std::string_view> files;
        std::size_t count = 0;
        while (count < events.size() && events[count].kind == EventKind::enqueued &&
               events[count].envelope_id == event.envelope_id) {
            if (!events[count].file_name.empty()) files.insert(events[count].file_name);
            ++count;
        }
        if (!event.goes_on) {
            line(event, Entry::message, "new msg " + number_text(event));
            line(
                event, Entry::message,
                "info msg " + number_text(event) + ": bytes " + std::to_string(event.bytes) +
                    " from <" + cleaned(event.sender) + "> qp " +
                    std::to_string(event.process.pid) + " uid " + std::to_string(options_.uid)
            );
        }
        // A file that another one takes the place of is not counted again, and so not missed.
        if (!event.replaces_file)
            counters_.add_files(number_of(event), files.size(), event.goes_on);
        if (files.empty() && !event.goes_on)
            line(event, Entry::message, "end msg " + number_text(event));
        return count;
    }

    void started(const Event& event) {
        const bool remote = event.delivery_class == DeliveryClass::remote;
        const std::uint64_t delivery = counters_.begin_delivery(key_of(event), remote);
        line(
            event, Entry::delivery,
            "starting delivery " + std::to_string(delivery) + ": msg " + number_text(event) +
                " to " + (remote ? "remote " : "local ") + cleaned(log::shown_recipient(event))
        );
        status(event);
    }

    // What an operator did to a message was no delivery.
    void ended(const Event& event, std::string_view outcome) {
        if (event.delivery_number == 0) return;
        const auto delivery = counters_.end_delivery(key_of(event));
        if (!delivery) return;
        line(
            event, Entry::delivery,
            "delivery " + std::to_string(*delivery) + ": " + std::string(outcome) + ": " +
                delivery_text(event)
        );
        status(event);
    }

    void status(const Event& event) {
        if (!options_.switches.has(Entry::send_status)) return;
        const SendCounters::Running running = counters_.running();
        line(
            event, Entry::send_status,
            "status: local " + std::to_string(running.local) + '/' +
                std::to_string(options_.local_limit) + " remote " + std::to_string(running.remote) +
                '/' + std::to_string(options_.remote_limit) + (running.stopping ? " exitasap" : "")
        );
    }

    void line(const Event& event, Entry entry, const std::string& text) {
        if (!options_.switches.has(entry)) return;
        out_ += stamp_text(options_.stamp, event.time);
        out_.append(text).append("\n");
    }

    std::string& out_;
    const SendLineOptions& options_;
    SendCounters& counters_;
};

}  // namespace

std::string delivery_text(const Event& event) {
    if (event.kind == EventKind::dequeued) return success_text(event);
    const bool remote = event.delivery_class == DeliveryClass::remote;
    if (remote && !event.remote_text.empty()) return remote_failure(event);
    if (remote && event.kind != EventKind::returned && event.status == StatusCode{4, 4, 1})
        return cleaned("Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n");
    const std::string text = event.diagnostic.empty() ? "No reason given." : event.diagnostic;
    return cleaned(text + status_word(event) + '\n');
}

void render_send(
    std::string& out,
    std::span<const Event> events,
    const SendLineOptions& options,
    SendCounters& counters
) {
    Renderer renderer(out, options, counters);
    while (!events.empty()) events = events.subspan(renderer.render_first(events));
}

}  // namespace sluice::qmail_log
