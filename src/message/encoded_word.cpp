#include "message/encoded_word.h"

#include <algorithm>
#include <cstdint>

#include "base/utf8.h"
#include "message/header_field.h"

namespace sluice::message {

namespace {

constexpr std::size_t octets_per_word = 45;  // 60 characters of base64, 72 with "=?UTF-8?B?" "?="

unsigned byte_at(std::string_view text, std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

std::string from_latin1(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto value = static_cast<unsigned char>(c);
        if (value < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xC0U | (value >> 6U));
            out += static_cast<char>(0x80U | (value & 0x3FU));
        }
    }
    return out;
}

std::string base64(std::string_view text) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        const std::uint32_t group =
            (byte_at(text, i) << 16U) | (byte_at(text, i + 1) << 8U) | byte_at(text, i + 2);
        for (unsigned k = 0; k < 4; ++k) out += digits[(group >> (18U - 6U * k)) & 63U];
    }
    const std::size_t rest = text.size() % 3;
    if (rest > 0) std::fill(out.end() - static_cast<std::ptrdiff_t>(3 - rest), out.end(), '=');
    return out;
}

}  // namespace

std::string encoded_phrase(std::string_view text) {
    if (is_ascii(text)) return quoted_phrase(text);
    const std::string utf8 = is_utf8(text) ? std::string(text) : from_latin1(text);
    std::string out;
    for (std::size_t i = 0; i < utf8.size();) {
        std::size_t end = i;
        while (end < utf8.size()) {
            const std::size_t length = utf8_sequence_length(std::string_view(utf8).substr(end));
            if (end + length - i > octets_per_word) break;
            end += length;
        }
        if (!out.empty()) out += ' ';
        out += "=?UTF-8?B?" + base64(std::string_view(utf8).substr(i, end - i)) + "?=";
        i = end;
    }
    return out;
}

}  // namespace sluice::message
