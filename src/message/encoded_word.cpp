#include "message/encoded_word.h"

#include <algorithm>
#include <cstdint>

#include "message/header_field.h"

namespace sluice::message {

namespace {

constexpr std::size_t octets_per_word = 45;  // 60 characters of base64, 72 with "=?UTF-8?B?" "?="

unsigned byte_at(std::string_view text, std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

// Length of the well-formed sequence at `i`, 0 if there is none (RFC 3629 section 4).
std::size_t sequence_length(std::string_view text, std::size_t i) {
    const unsigned lead = byte_at(text, i);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    for (std::size_t k = 1; k < length; ++k) {
        if ((byte_at(text, i + k) & 0xC0U) != 0x80U) return 0;
    }
    const unsigned second = byte_at(text, i + 1);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool not_a_character = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
    return overlong || not_a_character ? 0 : length;
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

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = sequence_length(text, i);
        if (length == 0) return false;
        i += length;
    }
    return true;
}

std::string encoded_phrase(std::string_view text) {
    if (is_ascii(text)) return quoted_phrase(text);
    const std::string utf8 = is_utf8(text) ? std::string(text) : from_latin1(text);
    std::string out;
    for (std::size_t i = 0; i < utf8.size();) {
        std::size_t end = i;
        while (end < utf8.size()) {
            const std::size_t length = sequence_length(utf8, end);
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
