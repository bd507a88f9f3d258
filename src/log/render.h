#pragma once

#include <string>

#include "base/time_zone.h"
#include "log/event.h"
#include "log/log_options.h"

namespace sluice::log {

/// Whether the options want a line for this event at all: LOG_CONNECTION bits for connection
/// entries, LOG_HOLD, LOG_COMMANDS; kinds without an entry of the family never.
[[nodiscard]] bool is_wanted(EventKind kind, const LogOptions& options);

/// LOG_CONNECTIONS_SYSLOG or LOG_MESSAGES_SYSLOG, whichever counts for events of this kind.
[[nodiscard]] std::int64_t syslog_option(EventKind kind, const LogOptions& options);

/// Appends the event's line with its line feed, in the form LOG_FORMAT names; nothing when
/// is_wanted() says no. Pure.
void render(std::string& out, const Event& event, const LogOptions& options, const TimeZone& zone);

}  // namespace sluice::log
