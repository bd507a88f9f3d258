#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"

namespace sluice {

/// Turns wall times into local calendar time for text. A plain value, handed to renderers as an
/// argument so that they stay pure and tests choose their zone. Thread-safe.
class TimeZone {
public:
    /// UTC.
    TimeZone() = default;
    /// A zone that is always `east` of Greenwich (negative: west).
    static TimeZone fixed(std::chrono::seconds east) { return TimeZone(false, east); }
    /// The machine's zone with its daylight saving rules (TZ, /etc/localtime).
    static TimeZone system() { return TimeZone(true, {}); }

    /// How far local time is ahead of UTC at that moment.
    [[nodiscard]] std::chrono::seconds offset_at(WallTime time) const;
    /// The zone's short name at that moment: "PST", "UTC"; empty where it has none.
    [[nodiscard]] std::string name_at(WallTime time) const;

private:
    TimeZone(bool system, std::chrono::seconds east) : system_(system), east_(east) {}

    bool system_ = false;
    std::chrono::seconds east_{0};
};

/// Calendar fields of one moment in a zone.
struct CivilTime {
    int year = 1970;
    unsigned month = 1;    ///< 1..12
    unsigned day = 1;      ///< 1..31
    unsigned weekday = 4;  ///< 0 is Sunday
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    unsigned microsecond = 0;
    std::chrono::seconds offset{0};  ///< local time minus UTC
};
CivilTime civil_time(WallTime time, const TimeZone& zone);

}  // namespace sluice
