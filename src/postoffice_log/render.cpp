#include "postoffice_log/render.h"

#include <algorithm>
#include <functional>

#include "base/bytes.h"
#include "log/shown_recipient.h"
#include "postoffice_log/control_record.h"
#include "postoffice_log/entries.h"
#include "postoffice_log/text.h"

namespace sluice::postoffice_log {

namespace {

using log::Cause;
using log::DeliveryClass;
using log::Event;
using log::EventKind;

/// How a session ended.
Entry ending(const Event& event) {
    if (event.cause == Cause::timeout) return Entry::timeout;
    return event.cause == Cause::aborted ? Entry::abort : Entry::close;
}

bool is_local_session(const Event& event) {
    return event.direction == log::Direction::inbound;
}

long rounded_seconds(std::chrono::milliseconds time) {
    return std::chrono::round<std::chrono::seconds>(time).count();
}

std::string totals(const Event& event) {
    return ':' + std::to_string(rounded_seconds(event.session_time)) + ':' +
           std::to_string(event.session_messages) + ':' + std::to_string(event.session_bytes);
}

std::string hostile_command(const Event& event) {
    const std::string_view verb = event.command;
    return "Client issued ``" + last_field(verb.substr(0, verb.find(' '))) + "''";
}

std::string address_list(std::span<const Event> events) {
    std::string list;
    for (const Event& event : events)
        list.append(list.empty() ? "" : ",").append(bracketed(log::shown_recipient(event)));
    return list;
}

/// The host tried, else the one the mail is for.
std::string host_of(const Event& event) {
    if (!event.remote_host.empty()) return field(event.remote_host);
    return field(event.recipient.substr(event.recipient.rfind('@') + 1));
}

class Renderer {
public:
    Renderer(std::string& out, const RenderOptions& options) : out_(out), options_(options) {}

    /// Renders what stands first, with those behind it that share its entry; returns how many.
    std::size_t render_first(std::span<const Event> events) {
        const Event& event = events.front();
        switch (event.kind) {
            case EventKind::enqueued:
                return enqueued(events);
            case EventKind::dequeued:
                return delivered(events);
            case EventKind::deferred:
            case EventKind::requeued:
                return deferred(events);
            case EventKind::returned:
            case EventKind::discarded:
            case EventKind::held:
                return given_up(events);
            case EventKind::enqueue_refused:
                return not_received(events);
            default:
                if (is_local_session(event)) session_event(event);
                if (event.kind == EventKind::delivery_warning)
                    line(
                        event, Entry::deliver_warning,
                        "SMTP-Deliver:Warning:", last_field(event.diagnostic)
                    );
                return 1;
        }
    }

private:
    /// One line for all recipients of a message.
    std::size_t not_received(std::span<const Event> events) {
        const Event& event = events.front();
        if (event.cause != Cause::limit) return 1;
        line(event, Entry::system, "SMTP-Accept:System:", last_field(event.diagnostic));
        return same(
                   events,
                   [&](const Event& other) {
                       return other.kind == event.kind && other.session == event.session &&
                              other.diagnostic == event.diagnostic;
                   }
        ).size();
    }

    void session_event(const Event& event) {
        const std::string peer = client(event);
        switch (event.kind) {
            case EventKind::connection_opened:
                return line(event, Entry::connect, "SMTP-Accept:Connect:", peer);
            case EventKind::connection_closed:
                return closed(event, peer);
            case EventKind::connection_refused:
                return line(
                    event, Entry::connection_refused, "SMTP-Accept:ConnectionRefused:", peer
                );
            case EventKind::early_talk:
                if (event.cause == Cause::sent_data)
                    line(
                        event, Entry::alert,
                        "SMTP-Accept:Alert:", peer + ":Client sent data before the greeting"
                    );
                return;
            case EventKind::bad_command:
                if (event.hostile)
                    line(
                        event, Entry::alert,
                        "SMTP-Accept:Alert:", peer + ':' + hostile_command(event)
                    );
                return;
            case EventKind::recipients_blocked:
                return blocked(event, peer);
            case EventKind::etrn:
                return line(
                    event, Entry::queue_request,
                    "SMTP-Accept:QueueRequest:", peer + ':' + queue_name(event)
                );
            case EventKind::list_expanded:
                return line(
                    event, Entry::expand,
                    "SMTP-Accept:Expand:", peer + ':' + bracketed(event.recipient)
                );
            case EventKind::address_verified:
                return line(
                    event, Entry::verify,
                    "SMTP-Accept:Verify:", peer + ':' + bracketed(event.recipient)
                );
            default:
                return;
        }
    }

    void closed(const Event& event, const std::string& peer) {
        if (event.cause == Cause::too_many_bad)
            line(
                event, Entry::alert,
                "SMTP-Accept:Alert:", peer + ":Client issued too many bad commands"
            );
        const Entry entry = ending(event);
        const std::string_view name = entry == Entry::timeout ? "SMTP-Accept:Timeout:"
                                      : entry == Entry::abort ? "SMTP-Accept:Abort:"
                                                              : "SMTP-Accept:Close:";
        line(event, entry, name, peer + totals(event));
    }

    void blocked(const Event& event, const std::string& peer) {
        const bool relay = event.cause == Cause::relay_denied;
        line(
            event, relay ? Entry::relay_denied : Entry::sender_blocked,
            relay ? "SMTP-Accept:RelayDenied:" : "SMTP-Accept:SenderBlocked:",
            peer + ':' + bracketed(event.sender) + ':' + std::to_string(event.count)
        );
    }

    /// The argument of ETRN without the sign in front of it.
    static std::string queue_name(const Event& event) {
        std::string_view argument = event.command;
        if (!argument.empty() && (argument.front() == '@' || argument.front() == '#'))
            argument.remove_prefix(1);
        return last_field(argument);
    }

    std::size_t enqueued(std::span<const Event> events) {
        const Event& event = events.front();
        const auto group = same(events, [&](const Event& other) {
            return other.kind == EventKind::enqueued && other.envelope_id == event.envelope_id;
        });
        if (event.transport && is_local_session(event) && !event.goes_on) {
            line(
                event, Entry::received, "SMTP-Accept:Received:",
                client(event) + ':' + id(event) + ':' + std::to_string(event.bytes) + ':' +
                    std::to_string(rounded_seconds(event.transaction_time)) + ':' +
                    bracketed(event.sender) + ':' + address_list(group)
            );
        }
        line(event, Entry::router, "SMTP-Router:", id(event));
        return group.size();
    }

    std::size_t delivered(std::span<const Event> events) {
        const Event& event = events.front();
        const auto group = same(events, [&](const Event& other) {
            return other.kind == event.kind && other.file_name == event.file_name &&
                   other.remote_host == event.remote_host;
        });
        switch (event.delivery_class) {
            case DeliveryClass::passage:
                break;
            case DeliveryClass::mailbox:
                line(
                    event, Entry::mailbox_deliver,
                    "Mailbox-Deliver:", id(event) + ':' + accounts(group)
                );
                break;
            case DeliveryClass::program:
                line(
                    event, Entry::program_deliver,
                    "Program-Deliver:", id(event) + ':' + accounts(group)
                );
                break;
            case DeliveryClass::remote:
                over_smtp(group, "Delivered");
                break;
        }
        return group.size();
    }

    static std::string accounts(std::span<const Event> events) {
        std::string list;
        for (const Event& event : events)
            list.append(list.empty() ? "" : ",").append(account(event.recipient));
        return list;
    }

    std::size_t deferred(std::span<const Event> events) {
        const Event& event = events.front();
        const auto group = same(events, [&](const Event& other) {
            const bool stays =
                other.kind == EventKind::deferred || other.kind == EventKind::requeued;
            return stays && other.file_name == event.file_name &&
                   other.remote_host == event.remote_host;
        });
        if (event.delivery_class == DeliveryClass::remote) over_smtp(group, "Deferred");
        return group.size();
    }

    void over_smtp(std::span<const Event> group, std::string_view action) {
        const Event& event = group.front();
        std::string text = id(event);
        text.append(":").append(action).append(":").append(std::to_string(event.bytes));
        text.append(":").append(host_of(event)).append(":").append(bracketed(event.sender));
        line(event, Entry::deliver, "SMTP-Deliver:", text + ':' + address_list(group));
    }

    std::size_t given_up(std::span<const Event> events) {
        const Event& event = events.front();
        const auto group = same(events, [&](const Event& other) {
            return other.kind == event.kind && other.file_name == event.file_name &&
                   error_tag(other) == error_tag(event);
        });
        if (!options_.switches.has(Entry::error_handler) || event.cause == Cause::released)
            return group.size();
        line(event, Entry::error_handler, "Error-Handler:", id(event) + '-' + error_tag(event));
        out_ += control_record(group, options_.zone);
        return group.size();
    }

    /// The leading events for which `belongs` holds.
    template <class Belongs>
    static std::span<const Event> same(std::span<const Event> events, const Belongs& belongs) {
        const auto end = std::find_if_not(events.begin(), events.end(), belongs);
        return events.first(static_cast<std::size_t>(end - events.begin()));
    }

    [[nodiscard]] std::string id(const Event& event) const {
        return message_id(event, options_.host);
    }

    void line(const Event& event, Entry entry, std::string_view module, std::string_view text) {
        if (!options_.switches.has(entry)) return;
        out_ += date_time(event.time, options_.zone);
        out_.append(":").append(module).append(text).append("\n");
    }

    std::string& out_;
    const RenderOptions& options_;
};

}  // namespace

bool is_wanted(log::EventKind kind, const log::EventSwitches& switches) {
    switch (kind) {
        case EventKind::enqueued:
            return switches.has_any({Entry::received, Entry::router});
        case EventKind::dequeued:
            return switches.has_any({Entry::mailbox_deliver, Entry::program_deliver, Entry::deliver}
            );
        case EventKind::deferred:
        case EventKind::requeued:
            return switches.has_any({Entry::deliver});
        case EventKind::returned:
        case EventKind::discarded:
        case EventKind::held:
            return switches.has_any({Entry::error_handler});
        case EventKind::enqueue_refused:
            return switches.has_any({Entry::system});
        case EventKind::delivery_warning:
            return switches.has_any({Entry::deliver_warning});
        case EventKind::connection_opened:
            return switches.has_any({Entry::connect});
        case EventKind::connection_closed:
            return switches.has_any({Entry::close, Entry::abort, Entry::timeout, Entry::alert});
        case EventKind::connection_refused:
            return switches.has_any({Entry::connection_refused});
        case EventKind::early_talk:
        case EventKind::bad_command:
            return switches.has_any({Entry::alert});
        case EventKind::recipients_blocked:
            return switches.has_any({Entry::sender_blocked, Entry::relay_denied});
        case EventKind::etrn:
            return switches.has_any({Entry::queue_request});
        case EventKind::list_expanded:
            return switches.has_any({Entry::expand});
        case EventKind::address_verified:
            return switches.has_any({Entry::verify});
        default:
            return false;
    }
}

void render(std::string& out, std::span<const Event> events, const RenderOptions& options) {
    Renderer renderer(out, options);
    while (!events.empty()) events = events.subspan(renderer.render_first(events));
}

}  // namespace sluice::postoffice_log
