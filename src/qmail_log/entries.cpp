#include "qmail_log/entries.h"

#include <array>

namespace sluice::qmail_log {

namespace {

constexpr auto name = log::EventSwitches::name<Entry>;

constexpr std::array names{
    name("qmail-send", Entry::message),
    name("qmail-send", Entry::delivery),
    name("qmail-send", Entry::send_status),
    name("msg", Entry::message),
    name("delivery", Entry::delivery),
    name("status", Entry::send_status),
    name("status", Entry::tcp_status),
    name("tcpserver", Entry::tcp),
    name("tcpserver", Entry::tcp_status),
    name("rblsmtpd", Entry::rblsmtpd),
    name("jgreylist", Entry::jgreylist),
    name("qmail-smtpd", Entry::mail_from),
    name("qmail-smtpd", Entry::rcpt_to),
    name("qmail-smtpd", Entry::mfcheck),
    name("qmail-smtpd", Entry::validrcptto),
    name("qmail-smtpd", Entry::auth),
    name("qmail-smtpd", Entry::before_greeting),
    name("mail", Entry::mail_from),
    name("rcpt", Entry::rcpt_to),
    name("mfcheck", Entry::mfcheck),
    name("validrcptto", Entry::validrcptto),
    name("auth", Entry::auth),
    name("greeting", Entry::before_greeting),
};

}  // namespace

std::span<const log::EventSwitches::Name> entry_names() {
    return names;
}

bool is_wanted(log::EventKind kind, const log::EventSwitches& switches) {
    using log::EventKind;
    switch (kind) {
        case EventKind::enqueued:
        case EventKind::message_gone:
            return switches.has_any({Entry::message});
        case EventKind::delivery_started:
        case EventKind::dequeued:
        case EventKind::deferred:
        case EventKind::requeued:
        case EventKind::returned:
        case EventKind::discarded:
        case EventKind::held:
            return switches.has_any({Entry::delivery, Entry::send_status});
        case EventKind::deliveries_begun:
        case EventKind::deliveries_stopping:
        case EventKind::deliveries_stopped:
            return true;  // the counters begin anew, whatever is shown
        case EventKind::connection_arrived:
        case EventKind::connection_opened:
        case EventKind::connection_closed:
            return switches.has_any({Entry::tcp});
        case EventKind::connection_refused:
            return switches.has_any({Entry::tcp, Entry::rblsmtpd});
        case EventKind::connections_changed:
            return switches.has_any({Entry::tcp_status});
        case EventKind::sender_accepted:
            return switches.has_any({Entry::mail_from});
        case EventKind::recipient_accepted:
            return switches.has_any({Entry::rcpt_to});
        case EventKind::recipient_looked_for:
            return switches.has_any({Entry::validrcptto});
        case EventKind::sender_looked_up:
            return switches.has_any({Entry::mfcheck});
        case EventKind::client_screened:
            return switches.has_any({Entry::jgreylist});
        case EventKind::enqueue_refused:
            return switches.has_any({Entry::mfcheck, Entry::validrcptto});
        case EventKind::authentication:
            return switches.has_any({Entry::auth});
        case EventKind::early_talk:
            return switches.has_any({Entry::before_greeting});
        default:
            return false;
    }
}

}  // namespace sluice::qmail_log
