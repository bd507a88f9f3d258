#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice {

/// Zero of the time in unique parts and version ids.
inline constexpr WallTime unique_epoch =
    std::chrono::sys_days(std::chrono::year(2000) / std::chrono::January / 1);

/// Upper-case base 36 with leading zeros; digits beyond `width` are cut off at the front.
std::string format_base36(std::uint64_t value, std::size_t width);
/// Upper case only, at most twelve digits.
std::optional<std::uint64_t> parse_base36(std::string_view text);

}  // namespace sluice
