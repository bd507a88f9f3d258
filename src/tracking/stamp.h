#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "tracking/record.h"

// Time stamps of logs. Pure.
namespace sluice::tracking {

/// What is needed to place a stamp that says less than a moment.
struct StampSettings {
    TimeZone zone = TimeZone::system();  ///< of stamps without an offset
    WallTime now{};                      ///< a syslog stamp has no year: the last one before this
};

/// Takes a stamp and the blank behind it from the front of `text`; nullopt, and no change, where
/// there is none. A Post.Office stamp ends at its colon, which is taken too.
std::optional<Stamp> take_stamp(std::string_view& text, const StampSettings& settings);
/// "host tag: " or "host tag[pid]: " behind a syslog stamp; empty, and no change, where there is
/// none.
std::string_view take_syslog_tag(std::string_view& text);

/// How a stamp is shown.
enum class StampStyle : std::uint8_t { copy, local, utc, tai64n };
/// "copy", "local" ...
std::optional<StampStyle> parse_stamp_style(std::string_view word);
/// The stamp in that style; as written where it has no time. Nanoseconds of a TAI64N label stay.
std::string show_stamp(const Stamp& stamp, StampStyle style, const TimeZone& zone);
/// The line with its stamp in that style; lines without one come back unchanged.
std::string restamped(std::string_view line, StampStyle style, const StampSettings& settings);

/// The moment that a calendar shows in a zone; the earlier one where a clock was put back.
WallTime moment_of(const CivilTime& shown, const TimeZone& zone);
/// 1 to 12 of an English month's three letters, any case; 0 otherwise.
unsigned month_number(std::string_view letters);

}  // namespace sluice::tracking
