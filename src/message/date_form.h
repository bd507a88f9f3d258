#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice::message {

/// What a channel wants of the dates in a header.
struct DateForm {
    enum class Year : std::uint8_t { keep, four_digits, two_digits };
    enum class Day : std::uint8_t { keep, add, remove };
    Year year = Year::keep;
    Day day_of_week = Day::keep;

    [[nodiscard]] bool keeps_all() const { return year == Year::keep && day_of_week == Day::keep; }
    friend bool operator==(const DateForm&, const DateForm&) = default;
};

/// The instant that a date-time of RFC 5322 (sections 3.3 and 4.3, comments removed) names; zones
/// by name as section 4.3 lists them, others count as -0000. nullopt: it is none.
[[nodiscard]] std::optional<WallTime> instant_of_date(std::string_view value);

/// The value of a Date field (RFC 5322 sections 3.3 and 4.3) in that form; everything but the day
/// of the week and the year keeps its octets. nullopt: not a date, or in that form already.
[[nodiscard]] std::optional<std::string> reform_date(std::string_view value, const DateForm& form);

}  // namespace sluice::message
