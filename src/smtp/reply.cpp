#include "smtp/reply.h"

#include "base/bytes.h"

namespace sluice::smtp {

namespace {

// Octets from 0x80 up that may be part of UTF-8 text; whether the sequence is well formed is the
// business of whoever lets UTF-8 in.
bool is_plain(char c, bool keep_utf8) {
    return !is_control(c) && (keep_utf8 || static_cast<unsigned char>(c) < 0x80);
}

void append_escaped(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto octet = static_cast<unsigned char>(c);
    out += "\\x";
    out += digits[octet >> 4U];
    out += digits[octet & 15U];
}

}  // namespace

std::string sanitised(std::string_view text, std::size_t limit, bool keep_utf8) {
    constexpr std::string_view mark = "...";
    std::string out;
    std::size_t cut_at = 0;  // longest prefix of whole units that leaves room for the mark
    for (const char c : text) {
        if (out.size() + mark.size() <= limit) cut_at = out.size();
        if (is_plain(c, keep_utf8))
            out += c;
        else
            append_escaped(out, c);
        if (out.size() > limit) {
            const auto is_continuation = [&](std::size_t at) {
                return (static_cast<unsigned char>(out[at]) & 0xc0U) == 0x80U;
            };
            while (cut_at > 0 && is_continuation(cut_at)) --cut_at;
            out.resize(cut_at);
            return limit < mark.size() ? out : out.append(mark);
        }
    }
    return out;
}

Reply Reply::from_error(const Error& error) {
    return {error.is_permanent() ? 550 : 450, error.status(), error.text()};
}

StatusCode Reply::status_or_default() const {
    return status.value_or(StatusCode{static_cast<std::uint16_t>(code / 100), 0, 0});
}

void Reply::append_to(std::string& out, bool keep_utf8) const {
    static const std::vector<std::string> no_text{""};
    const std::vector<std::string>& texts = lines.empty() ? no_text : lines;
    const std::string number = std::to_string(code);
    const std::string prefix = status ? status->to_string() + ' ' : std::string();
    const std::size_t room = reply_line_limit - number.size() - 1 - prefix.size() - 2;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        out += number;
        out += i + 1 < texts.size() ? '-' : ' ';
        out += prefix;
        out += sanitised(texts[i], room, keep_utf8);
        out += "\r\n";
    }
}

std::string Reply::to_text() const {
    std::string out;
    if (code != 0) out += std::to_string(code);
    if (code != 0 && status) out += ' ' + status->to_string();
    for (const std::string& line : lines) {
        if (!out.empty()) out += ' ';
        out += line;
    }
    return out;
}

}  // namespace sluice::smtp
