#include "tracking/line_template.h"

#include "base/bytes.h"
#include "tracking/text_cursor.h"

namespace sluice::tracking {

namespace {

constexpr std::size_t npos = std::string_view::npos;

/// The next piece of a template: text, then a capture unless the template ends there.
struct Piece {
    std::string_view literal;
    char kind = '\0';  ///< '#', '[', '<', ' ' for a plain capture, '\0' for none
    std::string_view name;
};

Piece take_piece(std::string_view& form) {
    Piece piece;
    const std::size_t open = form.find('{');
    piece.literal = form.substr(0, open);
    if (open == npos) {
        form = {};
        return piece;
    }
    const std::size_t close = form.find('}', open);
    piece.name = form.substr(open + 1, close - open - 1);
    const char first = piece.name.front();
    const bool marked = first == '#' || first == '[' || first == '<';
    piece.kind = marked ? first : ' ';
    if (marked) piece.name.remove_prefix(1);
    form.remove_prefix(close + 1);
    return piece;
}

// Length of "[...]" at the start of the text; 0 where there is none.
std::size_t bracket_size(std::string_view text) {
    if (!text.starts_with('[')) return 0;
    const std::size_t close = text.find(']');
    return close == npos ? 0 : close + 1;
}

// Length of "<a>,<b>, <c>" at the start of the text. An address may have ">" in a quoted string.
std::size_t addresses_size(std::string_view text) {
    std::size_t at = 0;
    while (true) {
        if (at >= text.size() || text[at] != '<') return 0;
        bool quoted = false;
        for (++at; at < text.size() && (quoted || text[at] != '>'); ++at) {
            if (text[at] == '\\' && quoted)
                ++at;
            else if (text[at] == '"')
                quoted = !quoted;
        }
        if (at >= text.size()) return 0;
        ++at;
        std::size_t next = at;
        if (next < text.size() && text[next] == ',') ++next;
        if (next == at) return at;
        while (next < text.size() && text[next] == ' ') ++next;
        if (next >= text.size() || text[next] != '<') return at;
        at = next;
    }
}

std::size_t digits_size(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() && is_digit(text[size])) ++size;
    return size;
}

// Length of the capture at the start of the text; npos where it does not fit.
std::size_t capture_size(const Piece& piece, std::string_view text, std::string_view next) {
    std::size_t size = 0;
    switch (piece.kind) {
        case '#':
            size = digits_size(text);
            return size > 0 && size < 20 ? size : npos;
        case '[':
            size = bracket_size(text);
            return size > 0 ? size : npos;
        case '<':
            size = addresses_size(text);
            return size > 0 ? size : npos;
        default:
            return next.empty() ? text.size() : text.find(next);
    }
}

}  // namespace

bool match_template(
    std::string_view form, std::string_view line, bool loose, std::vector<NamedValue>& fields
) {
    TextCursor in(line);
    while (!form.empty()) {
        const Piece piece = take_piece(form);
        if (loose) in.skip_blanks();
        if (!in.take(piece.literal)) return false;
        if (piece.kind == '\0') break;
        if (loose) in.skip_blanks();
        const std::string_view next = form.substr(0, form.find('{'));
        const std::size_t size = capture_size(piece, in.rest(), next);
        if (size == npos) return false;
        const std::string_view value = in.take_front(size);
        fields.push_back({piece.name, loose ? trim(value) : value});
    }
    return in.at_end();
}

bool has_captures(std::string_view form, const std::vector<NamedValue>& fields) {
    std::size_t index = 0;
    while (!form.empty()) {
        const Piece piece = take_piece(form);
        if (piece.kind == '\0') break;
        if (index == fields.size() || fields[index++].name != piece.name) return false;
    }
    return index == fields.size();
}

std::string fill_template(std::string_view form, const std::vector<NamedValue>& fields) {
    std::string out;
    std::size_t index = 0;
    while (!form.empty()) {
        const Piece piece = take_piece(form);
        out += piece.literal;
        if (piece.kind != '\0' && index < fields.size()) out += fields[index++].value;
    }
    return out;
}

}  // namespace sluice::tracking
