#pragma once

#include <span>

#include "log/event_switches.h"

// The log of the server that Post.Office was: which entries there are
// (postoffice-and-qmail-features.md section 3.2). Those for services that this MTA does not have
// are not among them.
namespace sluice::postoffice_log {

enum class Entry : std::uint8_t {
    connect,
    close,
    abort,
    timeout,
    received,
    system,
    alert,
    connection_refused,
    sender_blocked,
    relay_denied,
    queue_request,
    expand,
    verify,
    mailbox_deliver,
    program_deliver,
    deliver,
    deliver_warning,
    router,
    error_handler,
};

/// What LOG_POSTOFFICE_EVENTS may name: modules ("SMTP-Accept"), their entries
/// ("SMTP-Accept:Connect") and the entries alone ("Connect").
[[nodiscard]] std::span<const log::EventSwitches::Name> entry_names();

}  // namespace sluice::postoffice_log
