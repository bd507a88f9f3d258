#include "log/structured_escape.h"

#include <array>
#include <cstdio>

#include "base/bytes.h"
#include "base/utf8.h"

namespace sluice::log {

namespace {

constexpr std::array<bool, 256> make_plain() {
    std::array<bool, 256> out{};
    for (unsigned c = 0x20; c < 0x7f; ++c) out[c] = true;
    for (const char c : std::string_view("&<>\"\\")) out[static_cast<unsigned char>(c)] = false;
    return out;
}
constexpr auto plain_characters = make_plain();

bool is_plain(char c) {
    return plain_characters[static_cast<unsigned char>(c)];
}

/// Calls `character` for each run of plain characters, each other well-formed character, and
/// `broken` for each octet that is none.
template <class Character, class Broken>
void for_characters(std::string_view text, const Character& character, const Broken& broken) {
    for (std::size_t at = 0; at < text.size();) {
        // Nearly all text is plain and goes through in one piece.
        std::size_t plain = at;
        while (plain < text.size() && is_plain(text[plain])) ++plain;
        if (plain > at) {
            character(text.substr(at, plain - at));
            at = plain;
            continue;
        }
        const std::size_t size = utf8_sequence_length(text.substr(at));
        if (size == 0) {
            broken();
            ++at;
        } else {
            character(text.substr(at, size));
            at += size;
        }
    }
}

/// U+0080 to U+009F, controls to a terminal; U+FFFE and U+FFFF, which XML does not have.
bool is_c1(std::string_view one) {
    return one.size() == 2 && one[0] == '\xC2' && static_cast<unsigned char>(one[1]) < 0xA0;
}
bool is_no_character(std::string_view one) {
    return one == "\xEF\xBF\xBE" || one == "\xEF\xBF\xBF";
}

}  // namespace

void append_xml(std::string& out, std::string_view text) {
    const auto character = [&](std::string_view one) {
        if (one == "&")
            out += "&amp;";
        else if (one == "<")
            out += "&lt;";
        else if (one == ">")
            out += "&gt;";
        else if (one == "\"")
            out += "&quot;";
        else if (one == "\t")
            out += "&#9;";
        else if (one == "\n")
            out += "&#10;";
        else if (one == "\r")
            out += "&#13;";
        else if ((one.size() == 1 && is_control(one[0])) || is_c1(one) || is_no_character(one))
            out += '?';
        else
            out += one;
    };
    for_characters(text, character, [&] { out += '?'; });
}

void append_json(std::string& out, std::string_view text) {
    const auto escaped = [&](unsigned code) {
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\u%04x", code);
        out += escape.data();
    };
    const auto character = [&](std::string_view one) {
        if (one == "\"" || one == "\\")
            (out += '\\') += one;
        else if (one.size() == 1 && is_control(one[0]))
            escaped(static_cast<unsigned char>(one[0]));
        else if (is_c1(one))
            escaped(static_cast<unsigned char>(one[1]));
        else
            out += one;
    };
    for_characters(text, character, [&] { out += "\\ufffd"; });
}

}  // namespace sluice::log
