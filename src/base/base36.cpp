#include "base/base36.h"

#include "base/bytes.h"

namespace sluice {

std::string format_base36(std::uint64_t value, std::size_t width) {
    constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::string text(width, '0');
    for (auto at = text.rbegin(); at != text.rend(); ++at, value /= 36) *at = digits[value % 36];
    return text;
}

std::optional<std::uint64_t> parse_base36(std::string_view text) {
    if (text.empty() || text.size() > 12) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        const bool letter = c >= 'A' && c <= 'Z';
        if (!letter && !is_digit(c)) return std::nullopt;
        value = value * 36 + static_cast<unsigned>(letter ? c - 'A' + 10 : c - '0');
    }
    return value;
}

}  // namespace sluice
