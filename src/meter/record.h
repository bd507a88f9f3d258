#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice::meter {

/// Octets of a value that is kept.
inline constexpr std::size_t longest_value = 1000;

/// What is known about one key of a table.
struct Record {
    enum class Kind : char {
        window = 'w',   ///< throttle: events since `since`
        waiting = 'g',  ///< greylisting: first seen at `since`, did not come again in time yet
        known = 'k',    ///< greylisting: came again in time, last seen at `since`
        value = 'v',    ///< simple: stored at `since`
    };
    Kind kind = Kind::window;
    WallTime since{};
    WallTime due{};           ///< when it may be forgotten; the order in which entries make room
    std::uint64_t count = 0;  ///< window
    std::string value;

    friend bool operator==(const Record&, const Record&) = default;
};

/// "w SINCE DUE COUNT VALUE": the kind, microseconds since 1970 twice, a number, any octets.
std::string encode(const Record& record);
/// nullopt: nothing that encode() makes. Octets on disk are foreign octets.
std::optional<Record> decode(std::string_view octets);

}  // namespace sluice::meter
