#include "log/event.h"

namespace sluice::log {

char entry_letter(EventKind kind) {
    switch (kind) {
        case EventKind::bad_command:
            return 'B';
        case EventKind::dequeued:
            return 'D';
        case EventKind::enqueued:
            return 'E';
        case EventKind::held:
            return 'H';
        case EventKind::enqueue_refused:
            return 'J';
        case EventKind::discarded:
            return 'K';
        case EventKind::deferred:
            return 'Q';
        case EventKind::returned:
            return 'R';
        case EventKind::aborted:
            return 'V';
        case EventKind::warned:
            return 'W';
        case EventKind::requeued:
            return 'Z';
        case EventKind::connection_opened:
            return 'O';
        case EventKind::connection_closed:
            return 'C';
        case EventKind::connection_refused:
            return 'X';
        case EventKind::connection_failed:
            return 'Y';
        case EventKind::etrn:
            return 'I';
        case EventKind::authentication:
            return 'U';
        case EventKind::connection_tagged:
            return 'T';
        case EventKind::sender_accepted:
            return 'M';
        case EventKind::recipient_accepted:
            return 'N';
        case EventKind::header_line:
        case EventKind::connection_arrived:
        case EventKind::connections_changed:
        case EventKind::early_talk:
        case EventKind::recipient_looked_for:
        case EventKind::sender_looked_up:
        case EventKind::client_screened:
        case EventKind::address_verified:
        case EventKind::list_expanded:
        case EventKind::recipients_blocked:
        case EventKind::delivery_started:
        case EventKind::delivery_warning:
        case EventKind::message_gone:
        case EventKind::deliveries_begun:
        case EventKind::deliveries_stopping:
        case EventKind::deliveries_stopped:
            break;
    }
    return '\0';
}

bool is_connection_entry(EventKind kind) {
    switch (kind) {
        case EventKind::connection_opened:
        case EventKind::connection_closed:
        case EventKind::connection_refused:
        case EventKind::connection_failed:
        case EventKind::etrn:
        case EventKind::authentication:
        case EventKind::connection_tagged:
            return true;
        default:
            return false;
    }
}

bool is_logged(const Event& event, bool source_logs, bool destination_logs) {
    const bool enters_a_queue =
        event.kind == EventKind::enqueued || event.kind == EventKind::header_line;
    return source_logs || (enters_a_queue && destination_logs);
}

}  // namespace sluice::log
