#include "mapping/number_format.h"

#include <algorithm>
#include <cstdlib>

#include "base/bytes.h"

namespace sluice::mapping {

std::optional<NumberFormat> parse_number_format(std::string_view argument) {
    constexpr std::uint64_t widest = 64;
    const auto fields = split(argument, '|');
    if (fields.size() > 4) return std::nullopt;
    NumberFormat format{fields[0]};
    if (fields.size() > 1 && !fields[1].empty()) {
        const auto radix = parse_signed(fields[1]);
        if (!radix || *radix < -36 || *radix > 36) return std::nullopt;
        format.radix = std::abs(*radix);
        if (format.radix < 2) return std::nullopt;
    }
    if (fields.size() > 2 && !fields[2].empty()) {
        const auto width = parse_unsigned(fields[2]);
        if (!width || *width > widest) return std::nullopt;
        format.width = *width;
    }
    if (fields.size() > 3) {
        const auto modulus = parse_unsigned(fields[3]);
        if (!modulus || *modulus == 0) return std::nullopt;
        format.modulus = *modulus;
    }
    return format;
}

std::string formatted(std::uint64_t number, const NumberFormat& format) {
    constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (format.modulus != 0) number %= format.modulus;
    const auto radix = static_cast<std::uint64_t>(format.radix);
    std::string text;
    do {
        text += digits[number % radix];
        number /= radix;
    } while (number != 0);
    if (text.size() < format.width) text.append(format.width - text.size(), '0');
    std::reverse(text.begin(), text.end());
    return text;
}

}  // namespace sluice::mapping
