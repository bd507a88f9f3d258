#include "log/sanitise.h"

#include <array>

#include "base/bytes.h"
#include "base/utf8.h"

namespace sluice::log {

namespace {

constexpr std::string_view ellipsis = "...";

// U+0080 to U+009F are controls to a terminal, in UTF-8 as well.
bool is_c1_control(std::string_view sequence) {
    return sequence.size() == 2 && sequence[0] == '\xC2' &&
           static_cast<unsigned char>(sequence[1]) < 0xA0;
}

// Appends units (characters, escapes, UTF-8 sequences) up to a limit; what does not fit is marked
// by
// "..." once.
class Collector {
public:
    Collector(std::string& out, std::size_t limit) : out_(out), end_(out.size() + limit) {}
    /// False when the limit is reached.
    bool add(std::string_view unit) {
        if (out_.size() + unit.size() > end_) {
            out_ += ellipsis;
            return false;
        }
        out_ += unit;
        return true;
    }
    bool add_escaped(char c) {
        constexpr std::string_view digits = "0123456789abcdef";
        const auto value = static_cast<unsigned char>(c);
        const std::array escape = {'\\', 'x', digits[value >> 4U], digits[value & 15U]};
        return add({escape.data(), escape.size()});
    }
    bool add_byte(char c) {
        const bool plain = !is_control(c) && static_cast<unsigned char>(c) < 0x80;
        return plain ? add({&c, 1}) : add_escaped(c);
    }

private:
    std::string& out_;
    std::size_t end_;
};

// What nearly every field is: short enough, printable ASCII from `first` on. It stays as it is.
bool is_clean(std::string_view text, std::size_t limit, char first) {
    bool clean = text.size() <= limit;
    for (const char c : text) clean = clean & (c >= first) & (c < '\x7f');
    return clean;
}

// Index of the quote that closes the string opened at `open`; npos when it never closes.
std::size_t closing_quote(std::string_view text, std::size_t open) {
    for (std::size_t i = open + 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            return i;
    }
    return std::string_view::npos;
}

}  // namespace

void add_text(std::string& out, std::string_view text, std::size_t limit) {
    if (is_clean(text, limit, ' ')) {
        out += text;
        return;
    }
    Collector units(out, limit);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool line_end = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        if (line_end) ++i;
        if (!(line_end ? units.add(" ") : units.add_byte(text[i]))) break;
    }
}

void add_word(std::string& out, std::string_view text, std::size_t limit) {
    if (is_clean(text, limit, '!')) {
        out += text;
        return;
    }
    Collector units(out, limit);
    for (const char c : text) {
        if (!(c == ' ' ? units.add_escaped(c) : units.add_byte(c))) break;
    }
}

void add_address(std::string& out, std::string_view text, bool utf8_allowed) {
    if (is_clean(text, max_address, '!')) {
        out += text;
        return;
    }
    Collector units(out, max_address);
    std::size_t quoted_until = 0;  // one past the closing quote of the string we are in
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '"' && i >= quoted_until) {
            const std::size_t close = closing_quote(text, i);
            if (close != std::string_view::npos) quoted_until = close + 1;
        }
        const std::size_t sequence = utf8_allowed ? utf8_sequence_length(text.substr(i)) : 0;
        bool fits = true;
        if (sequence > 1 && !is_c1_control(text.substr(i, sequence))) {
            fits = units.add(text.substr(i, sequence));
            i += sequence;
        } else {
            fits = c == ' ' && i >= quoted_until ? units.add_escaped(c) : units.add_byte(c);
            ++i;
        }
        if (!fits) break;
    }
}

void add_message_id(std::string& out, std::string_view text) {
    const std::size_t end = text.find('>');
    const auto id = trim(end == std::string_view::npos ? text : text.substr(0, end + 1));
    add_word(out, id, max_message_id);
}

std::string sanitise_text(std::string_view text, std::size_t limit) {
    std::string out;
    add_text(out, text, limit);
    return out;
}

std::string sanitise_word(std::string_view text, std::size_t limit) {
    std::string out;
    add_word(out, text, limit);
    return out;
}

std::string sanitise_address(std::string_view text, bool utf8_allowed) {
    std::string out;
    add_address(out, text, utf8_allowed);
    return out;
}

std::string sanitise_message_id(std::string_view text) {
    std::string out;
    add_message_id(out, text);
    return out;
}

std::string sanitise_command(std::string_view text) {
    const std::string_view command = trim(text);
    if (starts_with_ignoring_case(command, "AUTH")) {
        const auto words = split_words(command);
        if (words.size() > 2) {
            const auto kept =
                static_cast<std::size_t>(words[1].data() + words[1].size() - command.data());
            return sanitise_text(command.substr(0, kept), max_command);
        }
    }
    return sanitise_text(command, max_command);
}

void cut_line(std::string& out, std::size_t start, std::size_t limit) {
    if (out.size() - start <= limit) return;
    std::size_t end = start + limit;
    while (end > start && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
    out.resize(end);
    out += ellipsis;
}

}  // namespace sluice::log
