#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::mapping {

/// How `$#file|radix|width|m#` wants its number.
struct NumberFormat {
    std::string_view file;
    std::int64_t radix = 10;
    std::uint64_t width = 0;
    std::uint64_t modulus = 0;
};

/// nullopt where radix, width or modulus is not valid. Views `argument`.
std::optional<NumberFormat> parse_number_format(std::string_view argument);
std::string formatted(std::uint64_t number, const NumberFormat& format);

}  // namespace sluice::mapping
