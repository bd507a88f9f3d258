#include "log/sanitise.h"

#include <algorithm>
#include <array>
#include <utility>

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

// Collects units (characters, escapes, UTF-8 sequences) up to a limit; what does not fit is marked
// by "..." once.
class Collector {
public:
    Collector(std::size_t size, std::size_t limit) : limit_(limit) {
        out_.reserve(std::min(size, limit) + ellipsis.size());
    }
    /// False when the limit is reached.
    bool add(std::string_view unit) {
        if (out_.size() + unit.size() > limit_) {
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
    std::string take() { return std::move(out_); }

private:
    std::string out_;
    std::size_t limit_;
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

std::string sanitise_text(std::string_view text, std::size_t limit) {
    if (is_clean(text, limit, ' ')) return std::string(text);
    Collector out(text.size(), limit);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool line_end = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        if (line_end) ++i;
        if (!(line_end ? out.add(" ") : out.add_byte(text[i]))) break;
    }
    return out.take();
}

std::string sanitise_word(std::string_view text, std::size_t limit) {
    if (is_clean(text, limit, '!')) return std::string(text);
    Collector out(text.size(), limit);
    for (const char c : text) {
        if (!(c == ' ' ? out.add_escaped(c) : out.add_byte(c))) break;
    }
    return out.take();
}

std::string sanitise_address(std::string_view text, bool utf8_allowed) {
    if (is_clean(text, max_address, '!')) return std::string(text);
    Collector out(text.size(), max_address);
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
            fits = out.add(text.substr(i, sequence));
            i += sequence;
        } else {
            fits = c == ' ' && i >= quoted_until ? out.add_escaped(c) : out.add_byte(c);
            ++i;
        }
        if (!fits) break;
    }
    return out.take();
}

std::string sanitise_message_id(std::string_view text) {
    const std::size_t end = text.find('>');
    return sanitise_word(
        trim(end == std::string_view::npos ? text : text.substr(0, end + 1)), max_message_id
    );
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

void cut_line(std::string& line, std::size_t limit) {
    if (line.size() <= limit) return;
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
    line.resize(end);
    line += ellipsis;
}

}  // namespace sluice::log
