#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "meter/record.h"
#include "meter/table_settings.h"

// What an event does to what is known about its key. Pure; the time is an argument. Clocks are set:
// a time that lies ahead of now counts as now for those who are known, and as never for the rest.
namespace sluice::meter {

/// A throttle's answer.
struct Throttled {
    Record record;
    bool exceeded = false;
};
/// Counts one event in the key's period. The first opens it; when it is over the next one opens
/// another.
Throttled count_event(
    const TableSettings& table, const std::optional<Record>& before, WallTime now
);
/// Whether the next event would be one too many.
bool is_exceeded(const TableSettings& table, const std::optional<Record>& before, WallTime now);

enum class Greeting : std::uint8_t {
    first_time,  ///< never seen, or forgotten
    too_soon,    ///< came again before block_time
    too_late,    ///< came again after resubmit_time; begins anew
    known,       ///< came again in time, now or earlier
};
/// As jgreylist says it in its log.
std::string_view remark_of(Greeting greeting);
struct Greeted {
    Record record;
    Greeting greeting = Greeting::first_time;
};
/// Somebody came.
Greeted greet(const TableSettings& table, const std::optional<Record>& before, WallTime now);

}  // namespace sluice::meter
