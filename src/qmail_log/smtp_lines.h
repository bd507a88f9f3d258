#pragma once

#include <span>
#include <string>

#include "log/event.h"
#include "log/event_switches.h"
#include "qmail_log/text.h"

// The lines of tcpserver, rblsmtpd and qmail-smtpd (postoffice-and-qmail-features.md section 5.4).
// Pure.
namespace sluice::qmail_log {

/// LOG_QMAIL_PID: what stands where those programs have their process id.
enum class PidStyle { session, process };

struct SmtpLineOptions {
    log::EventSwitches switches;
    Stamp stamp = Stamp::tai64n;
    PidStyle pid = PidStyle::session;
    std::string host;              ///< official local host name
    bool recipient_trace = false;  ///< LOG_RCPT_TRACE
};

/// Appends the line or lines of one event about a connection to us; nothing for other events.
void render_smtp(std::string& out, const log::Event& event, const SmtpLineOptions& options);

}  // namespace sluice::qmail_log
