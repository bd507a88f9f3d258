#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Helpers for bytes from outside: ASCII rules only, no locale, no NUL-terminated assumption.
namespace sluice {

constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr char ascii_upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}
constexpr bool is_alnum(char c) {
    return is_digit(c) || is_alpha(c);
}
constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}
/// C0 controls and DEL.
constexpr bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);
/// Orders without regard to ASCII case, for maps keyed by host or keyword. Transparent.
struct LessIgnoringCase {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
};
/// Hash and equality without regard to ASCII case, for unordered maps. Transparent.
struct HashIgnoringCase {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
};
struct EqualIgnoringCase {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const {
        return equals_ignoring_case(a, b);
    }
};

/// Removes blanks and tabs at both ends.
std::string_view trim(std::string_view text);
/// Fields between separators, views into `text`, which must outlive them; empty fields are kept.
/// split("", ',') is one empty field.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Words between runs of blanks and tabs.
std::vector<std::string_view> split_words(std::string_view text);

/// Whole text as a decimal number; nullopt on anything else, on overflow, on an empty text.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);
/// The same with an optional leading '-'.
std::optional<std::int64_t> parse_signed(std::string_view text);

/// Shows control bytes as \xHH so that foreign text can neither break a line nor drive a terminal.
/// Bytes from 0x80 up are kept.
std::string printable(std::string_view text);

std::string to_hex(std::uint64_t value);

}  // namespace sluice
