#include "message/header_layout.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/bytes.h"
#include "message/address_list.h"
#include "message/header_field.h"

namespace sluice::message {

namespace {

constexpr std::size_t default_line = 80;  // headerlinelength

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view one) {
        return equals_ignoring_case(one, name);
    });
}

/// The value of a field taken out of it and put back.
std::string with_value(const HeaderField& field, std::string_view value) {
    const auto begin = static_cast<std::size_t>(field.raw_value.data() - field.raw.data());
    std::string out(field.raw.substr(0, begin));
    out += value;
    out += field.raw.substr(begin + field.raw_value.size());
    return out;
}

/// Where to break a line that is longer than `limit`: in front of the last blank within it that has
/// text on both sides; npos where there is none. `from` is where the text may be broken at all.
std::size_t break_point(std::string_view line, std::size_t from, std::size_t limit) {
    const std::size_t text = line.find_first_not_of(" \t", from);
    if (text == std::string_view::npos) return text;
    std::size_t found = std::string_view::npos;
    for (std::size_t i = line.find_first_of(" \t", text); i != std::string_view::npos;) {
        const std::size_t word = line.find_first_not_of(" \t", i);
        if (word == std::string_view::npos) break;
        if (i > limit && found != std::string_view::npos) break;
        found = i;
        i = line.find_first_of(" \t", word);
    }
    return found;
}

void fold_line(std::string_view line, std::size_t from, std::size_t limit, std::string& out) {
    while (line.size() > limit) {
        const std::size_t at = break_point(line, from, limit);
        if (at == std::string_view::npos) break;
        out += line.substr(0, at);
        out += "\r\n";
        line.remove_prefix(at);
        from = 0;
    }
    out += line;
}

/// Every line of the field folded that is longer than `limit`; the others keep their octets.
std::string fold_lines(std::string_view raw, std::size_t limit) {
    std::string out;
    std::size_t from = raw.find(':') + 1;  // the name is not broken
    while (!raw.empty()) {
        const std::size_t end = raw.find('\n');
        std::string_view line = raw.substr(0, end);
        const bool carriage_return = !line.empty() && line.back() == '\r';
        if (carriage_return) line.remove_suffix(1);
        fold_line(line, from, limit, out);
        if (carriage_return) out += '\r';
        if (end == std::string_view::npos) break;
        out += '\n';
        raw.remove_prefix(end + 1);
        from = 0;
    }
    return out;
}

std::string realign(const HeaderField& field, std::size_t column) {
    const std::size_t label = field.name.size() + 1;
    const std::size_t text = field.raw_value.find_first_not_of(" \t");
    if (text == std::string_view::npos || field.raw_value[text] == '\r') {
        return std::string(field.raw);
    }
    const std::size_t blanks = column > label ? column - label : 1;
    std::string out(field.name);
    out += ':' + std::string(blanks, ' ');
    const auto begin = static_cast<std::size_t>(field.raw_value.data() - field.raw.data());
    return out += field.raw.substr(begin + text);
}

/// Fields of the same name that together say what one said. Only recipients may be spread like
/// this (RFC 5322 section 3.6 allows the others once, but readers take all; the original asks for
/// it).
std::string split_field(const HeaderField& field, const HeaderLayout& layout) {
    const auto list = parse_address_list(field.raw_value);
    if (!list || list->separators.empty()) return std::string(field.raw);
    const auto begin = static_cast<std::size_t>(field.raw_value.data() - field.raw.data());
    const std::string_view label = field.raw.substr(0, begin);
    const std::string_view line_end = field.raw.substr(begin + field.raw_value.size());
    std::string out;
    std::size_t piece = 0;  // start of the field in progress
    std::size_t last = 0;   // its last comma so far
    std::size_t count = 0;  // of its elements up to there
    const auto close = [&](std::size_t end) {
        std::string_view text = field.raw_value.substr(piece, end - piece);
        while (piece > 0 && !text.empty() &&
               (is_blank(text.front()) || text.front() == '\r' || text.front() == '\n'))
            text.remove_prefix(1);
        out += label;
        if (piece > 0) out += ' ';
        out += text;
        out += line_end.empty() && end < field.raw_value.size() ? "\r\n" : line_end;
    };
    std::vector<std::size_t> ends = list->separators;
    ends.push_back(field.raw_value.size());
    for (const std::size_t end : ends) {
        const bool too_many = layout.max_addresses > 0 && count >= layout.max_addresses;
        const bool too_long =
            layout.max_chars > 0 && label.size() + (end - piece) > layout.max_chars;
        if (count > 0 && (too_many || too_long)) {
            close(last);
            piece = last + 1;
            count = 0;
        }
        ++count;
        last = end;
    }
    close(field.raw_value.size());
    return out;
}

bool is_recipient_field(std::string_view name) {
    return is_any_of(name, {"To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"});
}

std::string lay_out_lines(const HeaderField& field, const HeaderLayout& layout) {
    std::string out(field.raw);
    if (layout.refold) {
        const std::string_view rest = field.raw.substr(
            static_cast<std::size_t>(field.raw_value.data() - field.raw.data()) +
            field.raw_value.size()
        );
        const std::string value = unfold(field.raw_value);
        out = std::string(field.name) + (value.empty() ? ":" : ": ") + value + std::string(rest);
    }
    if (layout.label_column > 0) {
        if (const auto now = parse_header_field(out)) out = realign(*now, layout.label_column);
    }
    if (layout.refold || layout.line_length > 0)
        out = fold_lines(out, layout.line_length > 0 ? layout.line_length : default_line);
    return out;
}

}  // namespace

std::string lay_out(std::string_view raw_field, const HeaderLayout& layout) {
    auto field = parse_header_field(raw_field);
    if (!field) return std::string(raw_field);
    std::string text(raw_field);
    if (!layout.dates.keeps_all() && is_any_of(field->name, {"Date", "Resent-Date"})) {
        if (const auto date = reform_date(field->raw_value, layout.dates))
            text = with_value(*field, *date);
    }
    const bool splits = layout.max_addresses > 0 || layout.max_chars > 0;
    if (splits && is_recipient_field(field->name)) text = split_field(*field, layout);
    std::string out;
    for (const HeaderField& one : split_header(text)) out += lay_out_lines(one, layout);
    return out;
}

std::string within_longest_line(std::string raw_field) {
    std::size_t begin = 0;
    bool too_long = false;
    while (begin < raw_field.size() && !too_long) {
        const std::size_t end = std::min(raw_field.find('\n', begin), raw_field.size());
        too_long = end - begin > longest_line + 1;  // the carriage return does not count
        begin = end + 1;
    }
    return too_long ? fold_lines(raw_field, longest_line) : std::move(raw_field);
}

}  // namespace sluice::message
