#include "message/encoded_word.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/header_field.h"

namespace sluice::message {

namespace {

// RFC 2047 section 2 allows 75; what real programs write may be longer.
constexpr std::size_t longest_word = 1000;

std::optional<unsigned> hex_digit(char c) {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    const char lower = ascii_lower(c);
    if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10U;
    return std::nullopt;
}

/// RFC 2047 section 4.2.
std::optional<std::string> from_q(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '_') {
            out += ' ';
        } else if (text[i] != '=') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const auto high = hex_digit(text[i + 1]);
            const auto low = hex_digit(text[i + 2]);
            if (!high || !low) return std::nullopt;
            out += static_cast<char>(*high * 16U + *low);
            i += 2;
        }
    }
    return out;
}

std::optional<unsigned> base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 26U;
    if (is_digit(c)) return static_cast<unsigned>(c - '0') + 52U;
    if (c == '+') return 62U;
    if (c == '/') return 63U;
    return std::nullopt;
}

std::optional<std::string> from_base64(std::string_view text) {
    while (text.ends_with('=')) text.remove_suffix(1);
    std::string out;
    unsigned bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const auto digit = base64_digit(c);
        if (!digit) return std::nullopt;
        bits = ((bits << 6U) | *digit) & 0xFFFFU;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>((bits >> count) & 0xFFU);
    }
    return out;
}

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

/// RFC 2047 section 5: what may stand in a phrase may stand anywhere.
std::string to_q(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == ' ') {
            out += '_';
        } else if (is_alnum(c) || std::string_view("!*+-/").find(c) != std::string_view::npos) {
            out += c;
        } else {
            constexpr std::string_view digits = "0123456789ABCDEF";
            const auto octet = static_cast<unsigned char>(c);
            out += {'=', digits[octet >> 4U], digits[octet & 15U]};
        }
    }
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

std::optional<EncodedWord> parse_encoded_word(std::string_view text) {
    if (!text.starts_with("=?")) return std::nullopt;
    text = text.substr(0, longest_word);
    const std::size_t charset_end = text.find('?', 2);
    if (charset_end == std::string_view::npos || charset_end + 2 >= text.size()) return {};
    if (text[charset_end + 2] != '?') return std::nullopt;
    const std::size_t begin = charset_end + 3;
    const std::size_t end = text.find("?=", begin);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view encoded = text.substr(begin, end - begin);
    if (encoded.find_first_of(" \t?") != std::string_view::npos) return std::nullopt;
    EncodedWord word;
    // RFC 2231 section 5: "charset*language".
    word.charset = text.substr(2, charset_end - 2);
    if (const std::size_t star = word.charset.find('*'); star != std::string::npos) {
        word.language = word.charset.substr(star + 1);
        word.charset.resize(star);
    }
    if (word.charset.empty()) return std::nullopt;
    word.form = ascii_lower(text[charset_end + 1]);
    auto octets = word.form == 'b'   ? from_base64(encoded)
                  : word.form == 'q' ? from_q(encoded)
                                     : std::optional<std::string>();
    if (!octets) return std::nullopt;
    word.octets = std::move(*octets);
    word.length = end + 2;
    return word;
}

std::string format_encoded_word(const EncodedWord& word) {
    std::string out = "=?" + word.charset;
    if (!word.language.empty()) out += '*' + word.language;
    out += word.form == 'b' ? "?B?" : "?Q?";
    return out + (word.form == 'b' ? base64(word.octets) : to_q(word.octets)) + "?=";
}

}  // namespace sluice::message
