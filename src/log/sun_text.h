#pragma once

#include <string>

#include "base/time_zone.h"
#include "log/event.h"
#include "log/log_options.h"

// The text form of mail.log, LOG_FORMAT 1 to 3 (logging.md section 2 and 5).
namespace sluice::log {

/// Appends one physical line without its line feed: printable ASCII (plus UTF-8 in the addresses of
/// SMTPUTF8 transactions), at most max_line bytes, no trailing blanks. Pure. Does not ask
/// is_wanted(): an event without an action letter adds nothing.
void render_sun(
    std::string& out, const Event& event, const LogOptions& options, const TimeZone& zone
);

/// "dd-Mmm-yyyy hh:mm:ss.cc", hundredths truncated.
[[nodiscard]] std::string sun_time(WallTime time, const TimeZone& zone);

}  // namespace sluice::log
