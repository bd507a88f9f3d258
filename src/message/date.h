#pragma once

#include <string>

#include "base/clock.h"
#include "base/time_zone.h"

namespace sluice::message {

/// "Mon, 19 Jan 1998 19:16:57 -0800" (RFC 5322 section 3.3). Pure.
[[nodiscard]] std::string format_date(WallTime time, const TimeZone& zone);

}  // namespace sluice::message
