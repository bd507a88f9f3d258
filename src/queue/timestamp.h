#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice::queue {

/// RFC 3339 in UTC with milliseconds: "2026-03-02T10:11:07.204Z". Microseconds are cut off.
std::string format_timestamp(WallTime time);
/// Exactly the form above; nullopt on anything else, on dates that do not exist.
std::optional<WallTime> parse_timestamp(std::string_view text);

}  // namespace sluice::queue
