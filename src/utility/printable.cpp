#include "utility/printable.h"

#include <algorithm>
#include <cstdint>

namespace sluice::utility {

namespace {

void append_octet(std::string& out, unsigned char octet) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\x";
    out += digits[octet >> 4U];
    out += digits[octet & 15U];
}

struct Sequence {
    std::size_t length = 0;  // 0: not UTF-8
    std::uint32_t code_point = 0;
};

// RFC 3629 section 4: no overlong forms, no surrogates, nothing above 10FFFF.
Sequence sequence_at(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = octet(0);
    if (first < 0x80) return {1, first};
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
    std::uint32_t code_point = first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((octet(i) & 0xc0U) != 0x80U) return {};
        code_point = (code_point << 6U) | (octet(i) & 0x3fU);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    if (code_point < least[length] || surrogate || code_point > 0x10ffff) return {};
    return {length, code_point};
}

bool is_any_control(std::uint32_t code_point) {
    return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
}

}  // namespace

std::string printable_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Sequence sequence = sequence_at(text);
        const std::size_t length = std::max<std::size_t>(sequence.length, 1);
        if (sequence.length == 0 || is_any_control(sequence.code_point)) {
            for (const char c : text.substr(0, length)) {
                append_octet(out, static_cast<unsigned char>(c));
            }
        } else if (text.front() == '\\') {
            out += "\\\\";
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return out;
}

}  // namespace sluice::utility
