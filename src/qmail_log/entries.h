#pragma once

#include <cstdint>
#include <span>

#include "log/event.h"
#include "log/event_switches.h"

// The lines of qmail's logs that LOG_QMAIL_EVENTS switches (postoffice-and-qmail-features.md
// sections 5.2 and 5.4).
namespace sluice::qmail_log {

enum class Entry : std::uint8_t {
    // the queue manager
    message,   ///< new msg, info msg, end msg
    delivery,  ///< starting delivery, delivery
    send_status,
    // the SMTP side
    tcp,  ///< pid, ok, deny, end
    tcp_status,
    rblsmtpd,
    mail_from,
    rcpt_to,
    mfcheck,
    jgreylist,
    validrcptto,
    auth,
    before_greeting,
};

/// Programs ("qmail-send", "tcpserver", "rblsmtpd", "qmail-smtpd") and single kinds of lines.
[[nodiscard]] std::span<const log::EventSwitches::Name> entry_names();

/// Whether an event of this kind may lead to a line that is switched on.
[[nodiscard]] bool is_wanted(log::EventKind kind, const log::EventSwitches& switches);

}  // namespace sluice::qmail_log
