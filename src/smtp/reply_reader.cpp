#include "smtp/reply_reader.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace sluice::smtp {

namespace {

std::optional<int> parse_code(std::string_view line) {
    if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit))
        return std::nullopt;
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (code < 200 || code > 599) return std::nullopt;
    if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return std::nullopt;
    return code;
}

// One number of a status at the front of `text`: one to three digits.
std::optional<std::uint16_t> take_number(std::string_view& text) {
    std::size_t digits = 0;
    std::uint16_t value = 0;
    while (digits < text.size() && digits < 3 && is_digit(text[digits])) {
        value = static_cast<std::uint16_t>(value * 10 + (text[digits] - '0'));
        ++digits;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

bool take_dot(std::string_view& text) {
    if (text.empty() || text.front() != '.') return false;
    text.remove_prefix(1);
    return true;
}

// A status at the front, followed by a blank or the end; `text` is moved behind both.
std::optional<StatusCode> take_status(std::string_view& text, int reply_class) {
    std::string_view rest = text;
    const auto status_class = take_number(rest);
    if (!status_class || *status_class != reply_class || !take_dot(rest)) return std::nullopt;
    const auto subject = take_number(rest);
    if (!subject || !take_dot(rest)) return std::nullopt;
    const auto detail = take_number(rest);
    if (!detail || (!rest.empty() && rest.front() != ' ')) return std::nullopt;
    if (!rest.empty()) rest.remove_prefix(1);
    text = rest;
    return StatusCode{*status_class, *subject, *detail};
}

}  // namespace

std::string_view to_word(ReplyFault fault) {
    switch (fault) {
        case ReplyFault::bad_code:
            return "reply without a valid code";
        case ReplyFault::mixed_codes:
            return "reply with different codes on its lines";
        case ReplyFault::line_too_long:
            return "reply line too long";
        case ReplyFault::too_many_lines:
            return "reply with too many lines";
        case ReplyFault::nul:
            return "reply with a NUL";
    }
    return "?";
}

std::optional<ReplyReader::Outcome> ReplyReader::next(std::string_view& input) {
    while (!input.empty() && !fault_) {
        const std::size_t end = input.find('\n');
        const std::string_view piece = input.substr(0, end);
        if (line_.size() + piece.size() > line_limit + 1) {
            fault_ = ReplyFault::line_too_long;
            break;
        }
        line_ += piece;
        input.remove_prefix(std::min(piece.size() + 1, input.size()));
        if (end == std::string_view::npos) return std::nullopt;
        if (!line_.empty() && line_.back() == '\r') line_.pop_back();
        bool is_last = false;
        fault_ = add_line(line_, is_last);
        line_.clear();
        if (is_last && !fault_) {
            split_status(reply_);
            return std::exchange(reply_, Reply());
        }
    }
    if (!fault_) return std::nullopt;
    input = {};
    return *fault_;
}

void ReplyReader::clear() {
    line_.clear();
    reply_ = Reply();
    fault_.reset();
}

std::optional<ReplyFault> ReplyReader::add_line(std::string_view line, bool& is_last) {
    if (line.size() > line_limit) return ReplyFault::line_too_long;
    if (line.find('\0') != std::string_view::npos) return ReplyFault::nul;
    const auto code = parse_code(line);
    if (!code) return ReplyFault::bad_code;
    if (reply_.code != 0 && reply_.code != *code) return ReplyFault::mixed_codes;
    if (reply_.lines.size() == lines_limit) return ReplyFault::too_many_lines;
    reply_.code = *code;
    reply_.lines.emplace_back(line.substr(std::min<std::size_t>(4, line.size())));
    is_last = line.size() == 3 || line[3] == ' ';
    return std::nullopt;
}

void split_status(Reply& reply) {
    std::optional<StatusCode> status;
    for (const std::string& line : reply.lines) {
        std::string_view text = line;
        const auto found = take_status(text, reply.code / 100);
        if (!found || (status && *status != *found)) return;
        status = found;
    }
    if (!status) return;
    for (std::string& line : reply.lines) {
        std::string_view text = line;
        take_status(text, reply.code / 100);
        line.assign(std::string(text));
    }
    reply.status = status;
}

}  // namespace sluice::smtp
