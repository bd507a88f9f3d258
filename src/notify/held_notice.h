#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/time_zone.h"

namespace sluice::notify {

/// A message that waits for an operator.
struct HeldMessage {
    std::string file;    ///< below the queue root
    std::string reason;  ///< "loop: 51 Received lines, limit 50"
    WallTime since{};
};

/// What the postmaster is told about them: how many for which reason, what may be behind it, and
/// what can be done. The oldest come first; of many only some are named. LF line ends. Pure.
[[nodiscard]] std::string held_notice_text(
    std::vector<HeldMessage> held, const std::string& reporting_mta, const TimeZone& zone
);

}  // namespace sluice::notify
