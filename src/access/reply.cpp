#include "access/reply.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"

namespace sluice::access {

namespace {

constexpr std::size_t line_end_length = 2;
constexpr std::size_t code_length = 3;

/// Cuts to at most `length` octets, never inside a UTF-8 character.
std::string_view cut(std::string_view text, std::size_t length) {
    if (text.size() <= length) return text;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
    return text.substr(0, length);
}

std::optional<int> leading_code(std::string_view text) {
    if (text.size() < code_length || !std::all_of(text.begin(), text.begin() + 3, is_digit)) {
        return std::nullopt;
    }
    return static_cast<int>(*parse_unsigned(text.substr(0, code_length)));
}

/// Takes `code` and the blank or hyphen behind it off the front of a line.
std::string_view without_code(std::string_view line, int code) {
    if (leading_code(line) != code) return line;
    if (line.size() == code_length) return {};
    if (line[code_length] != ' ' && line[code_length] != '-') return line;
    return line.substr(code_length + 1);
}

}  // namespace

std::string Reply::to_wire() const {
    std::string wire;
    for (const auto& line : lines) wire += line + "\r\n";
    return wire;
}

std::string without_controls(std::string_view text) {
    std::string clean(text);
    std::replace_if(clean.begin(), clean.end(), is_control, ' ');
    return clean;
}

Reply make_reply(
    int code, const StatusCode& status, std::string_view text, std::string_view address
) {
    constexpr std::size_t room = reply_line_limit - line_end_length;
    const std::string head = std::to_string(code) + ' ' + status.to_string() + ' ';
    std::string tail;
    if (!address.empty()) tail = ": " + without_controls(address);
    const std::string clean = without_controls(text);
    const std::size_t fixed = head.size() + tail.size();
    std::string line = head;
    line += cut(clean, fixed < room ? room - fixed : 0);
    line += tail;
    return {code, status, {std::string(cut(line, room))}};
}

Reply make_connection_reply(std::string_view text) {
    constexpr std::size_t room = reply_line_limit - line_end_length;
    std::string whole(text.empty() ? "Access denied" : text);
    if (!leading_code(whole)) whole.insert(0, "500 5.7.1 ");
    Reply reply;
    reply.code = *leading_code(whole);
    const auto pieces = split(whole, '~');
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const bool last = i + 1 == pieces.size();
        std::string line = without_controls(pieces[i]);
        if (pieces.size() > 1) {
            const std::string_view bare = without_code(pieces[i], reply.code);
            line = std::to_string(reply.code) + (last ? ' ' : '-') + without_controls(bare);
        }
        reply.lines.emplace_back(cut(line, room));
    }
    return reply;
}

}  // namespace sluice::access
