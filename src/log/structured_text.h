#pragma once

#include <string>

#include "base/time_zone.h"
#include "log/event.h"
#include "log/log_options.h"

// mail.log for programs: LOG_FORMAT 4, one XML element a line, and 5 (or 6), one JSON object a line
// (logging.md sections 5.1 and 9). Foreign text keeps its characters, escaped as the form has it;
// octets that no character is made of become "?" in XML and U+FFFD in JSON.
namespace sluice::log {

/// One line without its line feed, at most max_line octets: what is too long is cut inside its
/// field. Pure. An event without an entry gives an empty string.
[[nodiscard]] std::string render_xml(
    const Event& event, const LogOptions& options, const TimeZone& zone
);
/// The same as JSON. Numbers are numbers; besides the attributes of the XML form there are `by`
/// octets, `sn` session number, `es` enhanced status, `rt` remote reply, `rh` remote host, `at`
/// attempt, and in milliseconds `dt` delivery, `tt` transaction, `st` session, where they are
/// known.
[[nodiscard]] std::string render_json(
    const Event& event, const LogOptions& options, const TimeZone& zone
);

}  // namespace sluice::log
