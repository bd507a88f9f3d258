#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
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
    /// It has no sender, and may be what the postmaster was told before: no reason to tell him.
    bool of_nobody = false;
};

/// When the postmaster is reminded of a message that nobody has dealt with.
struct Reminders {
    std::chrono::seconds every{};  ///< 0: never
    std::uint32_t most = 0;        ///< for one message
};
/// How many of the messages that have a sender have a reminder that became due after `told`, when
/// he heard of held mail last, and is due `now`. Pure.
[[nodiscard]] std::size_t reminders_due(
    const std::vector<HeldMessage>& held, const Reminders& reminders, WallTime told, WallTime now
);

/// What the postmaster is told about them: how many for which reason, what may be behind it, and
/// what can be done. The oldest come first; of many only some are named. LF line ends. Pure.
[[nodiscard]] std::string held_notice_text(
    std::vector<HeldMessage> held, const std::string& reporting_mta, const TimeZone& zone
);

}  // namespace sluice::notify
