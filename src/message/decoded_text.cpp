#include "message/decoded_text.h"

#include <optional>

#include "base/bytes.h"
#include "message/charset.h"

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

struct Word {
    std::string text;
    std::size_t length = 0;  ///< octets of the encoded word
};

/// The encoded word at the beginning of `text`.
std::optional<Word> word_at(std::string_view text) {
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
    // RFC 2231 section 5: "charset*language".
    std::string charset(text.substr(2, charset_end - 2));
    charset = charset.substr(0, charset.find('*'));
    if (charset.empty()) return std::nullopt;
    const char form = ascii_lower(text[charset_end + 1]);
    const auto bytes = form == 'b'   ? from_base64(encoded)
                       : form == 'q' ? from_q(encoded)
                                     : std::optional<std::string>();
    if (!bytes) return std::nullopt;
    const auto decoded = to_utf8(charset, *bytes);
    if (!decoded) return std::nullopt;
    return Word{*decoded, end + 2};
}

}  // namespace

std::string decoded_text(std::string_view value) {
    std::string out;
    std::size_t blanks_since_word = std::string::npos;  // where they begin in `out`
    for (std::size_t i = 0; i < value.size();) {
        if (auto word = word_at(value.substr(i))) {
            if (blanks_since_word != std::string::npos) out.resize(blanks_since_word);
            out += word->text;
            i += word->length;
            blanks_since_word = out.size();
            continue;
        }
        if (!is_blank(value[i])) blanks_since_word = std::string::npos;
        out += value[i++];
    }
    return out;
}

}  // namespace sluice::message
