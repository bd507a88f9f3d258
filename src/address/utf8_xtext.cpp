#include "address/utf8_xtext.h"

#include <cstdint>

#include "base/bytes.h"

namespace sluice::address {

namespace {

/// Takes the character at the front of valid UTF-8.
std::uint32_t next_point(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const unsigned more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    std::uint32_t point = more == 0 ? lead : lead & (0x3FU >> more);
    for (unsigned k = 1; k <= more; ++k) {
        point = (point << 6U) | (static_cast<unsigned char>(text[k]) & 0x3FU);
    }
    text.remove_prefix(more + 1);
    return point;
}

}  // namespace

std::string utf8_xtext(std::string_view address, std::size_t longest) {
    std::string out;
    while (!address.empty()) {
        const std::uint32_t point = next_point(address);
        const bool is_plain =
            point > 0x20 && point < 0x7f && point != '\\' && point != '+' && point != '=';
        std::string hex = to_upper(to_hex(point));
        if (hex.size() < 2) hex.insert(0, 1, '0');
        const std::string shown =
            is_plain ? std::string(1, static_cast<char>(point)) : "\\x{" + hex + "}";
        if (out.size() + shown.size() > longest) break;
        out += shown;
    }
    return out;
}

}  // namespace sluice::address
