#include "auth/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::auth {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 255;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
constexpr auto values = make_values();

/// `digits` has no padding.
std::optional<std::string> decode_digits(std::string_view digits) {
    if (digits.size() % 4 == 1) return std::nullopt;
    std::string octets;
    octets.reserve(digits.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : digits) {
        const std::uint8_t value = values[static_cast<unsigned char>(c)];
        if (value == no_digit) return std::nullopt;
        bits = (bits << 6U) | value;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        octets += static_cast<char>((bits >> count) & 0xffU);
    }
    // Two texts that mean the same would be two ways to say one password.
    if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
    return octets;
}

}  // namespace

std::string to_base64(std::string_view octets) {
    std::string text;
    text.reserve((octets.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < octets.size(); i += 3) {
        const auto octet = [&](std::size_t at) -> std::uint32_t {
            return at < octets.size() ? static_cast<unsigned char>(octets[at]) : 0U;
        };
        const std::uint32_t bits = (octet(i) << 16U) | (octet(i + 1) << 8U) | octet(i + 2);
        text += alphabet[(bits >> 18U) & 63U];
        text += alphabet[(bits >> 12U) & 63U];
        text += i + 1 < octets.size() ? alphabet[(bits >> 6U) & 63U] : '=';
        text += i + 2 < octets.size() ? alphabet[bits & 63U] : '=';
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string_view digits = text;
    if (digits.ends_with("==")) {
        digits.remove_suffix(2);
    } else if (digits.ends_with('=')) {
        digits.remove_suffix(1);
    }
    return decode_digits(digits);
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string digits(text);
    for (char& c : digits) {
        if (c == '+' || c == '/') return std::nullopt;
        if (c == '-') c = '+';
        if (c == '_') c = '/';
    }
    return decode_digits(digits);
}

}  // namespace sluice::auth
