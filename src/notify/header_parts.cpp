#include "notify/header_parts.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/encoded_word.h"
#include "message/header_field.h"

namespace sluice::notify {

namespace {

constexpr std::size_t longest_text_line = 900;

/// Where a line that is too long is broken: at a blank, else before a character.
std::size_t break_of(std::string_view line) {
    const std::size_t blank = line.substr(0, longest_text_line).rfind(' ');
    if (blank != std::string_view::npos && blank > 0) return blank;
    std::size_t end = longest_text_line;
    while (end > longest_text_line - 4 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U)
        --end;
    return end;
}

}  // namespace

std::string with_crlf(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        while (line.size() > longest_text_line) {
            const std::size_t length = break_of(line);
            out.append(line.substr(0, length)).append("\r\n");
            line.remove_prefix(length);
        }
        out += line;
        if (end != std::string_view::npos) out += "\r\n";
    }
    return out;
}

std::string one_word(std::string_view text) {
    constexpr std::size_t longest = 900;
    std::string out;
    for (const char c : text.substr(0, longest)) {
        if (!is_control(c) && c != '<' && c != '>') out += c;
    }
    return out;
}

std::string header_address(std::string_view address) {
    const std::string clean = one_word(address);
    const std::size_t at = std::min(clean.rfind('@'), clean.size());
    const std::string local = clean.substr(0, at);
    const bool is_quoted = local.size() >= 2 && local.front() == '"' && local.back() == '"';
    const bool is_dot_atom = !local.empty() && std::all_of(local.begin(), local.end(), [](char c) {
        constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
        return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 ||
               others.find(c) != std::string_view::npos;
    });
    std::string out = "<";
    if (is_dot_atom || is_quoted) {
        out += local;
    } else {
        out += '"';
        for (const char c : local) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    return out + clean.substr(at) + '>';
}

std::string encoded_text(std::string_view utf8) {
    return is_ascii(utf8) ? std::string(utf8) : message::encoded_phrase(utf8);
}

std::string header_message_id(std::string_view value) {
    const std::string word = one_word(message::find_message_id(value));
    const bool usable = !word.empty() && word.find(' ') == std::string::npos && is_ascii(word);
    return usable ? '<' + word + '>' : std::string();
}

}  // namespace sluice::notify
