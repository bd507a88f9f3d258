#include "message/header_field.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::message {

namespace {

// RFC 5322 section 2.2: printable ASCII except the colon.
bool is_field_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return c > ' ' && c < 0x7f && c != ':';
    });
}

std::string_view without_line_end(std::string_view line) {
    if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
}

// Length of the field at the start of `block`, with its continuation lines and line ends.
std::size_t field_length(std::string_view block) {
    std::size_t end = 0;
    do {
        const std::size_t line_end = block.find('\n', end);
        if (line_end == std::string_view::npos) return block.size();
        end = line_end + 1;
    } while (end < block.size() && is_blank(block[end]));
    return end;
}

bool is_atom_character(char c) {
    return is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

std::string one_line(std::string_view text) {
    std::string out(trim(text));
    std::replace_if(out.begin(), out.end(), is_control, ' ');
    return out;
}

// Collects tokens into lines; every line but the first begins with a blank.
class Folder {
public:
    explicit Folder(std::string_view name) : out_(name) {
        out_ += ':';
        column_ = out_.size();
    }
    void add(std::string_view token) {
        const std::size_t end = column_ + 1 + token.size();
        if (end > longest_line || (end > preferred_line && has_token_)) {
            out_ += "\r\n";
            column_ = 0;
        }
        out_ += ' ';
        out_ += token;
        column_ += 1 + token.size();
        has_token_ = true;
    }
    std::string finish() { return std::move(out_) + "\r\n"; }

private:
    std::string out_;
    std::size_t column_ = 0;
    bool has_token_ = false;
};

// A token no reader accepts on one line is broken by force.
void add_bounded(Folder& folder, std::string_view token) {
    constexpr std::size_t longest_token = longest_line - 1;
    while (token.size() > longest_token) {
        folder.add(token.substr(0, longest_token));
        token.remove_prefix(longest_token);
    }
    folder.add(token);
}

}  // namespace

std::optional<HeaderField> parse_header_field(std::string_view raw) {
    const std::size_t colon = raw.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view before = raw.substr(0, colon);
    // RFC 5322 section 4.5.8: old software wrote blanks before the colon.
    std::string_view name = before;
    while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
    if (!is_field_name(name)) return std::nullopt;
    return HeaderField{name, raw, without_line_end(raw.substr(colon + 1))};
}

std::vector<HeaderField> split_header(std::string_view block, std::size_t max_fields) {
    constexpr std::size_t usual = 16;
    std::vector<HeaderField> fields;
    fields.reserve(std::min(usual, max_fields));
    while (!block.empty() && fields.size() < max_fields) {
        const std::size_t length = field_length(block);
        const auto field = parse_header_field(block.substr(0, length));
        if (!field) break;
        fields.push_back(*field);
        block.remove_prefix(length);
    }
    return fields;
}

std::size_t mailbox_separator_length(std::string_view block) {
    if (!block.starts_with("From ") && !block.starts_with(">From ")) return 0;
    return std::min(block.find('\n'), block.size() - 1) + 1;
}

void add_unfolded(std::string& out, std::string_view raw_value) {
    // Nearly all fields are one line.
    if (raw_value.find('\n') == std::string_view::npos) {
        out += trim(raw_value);
        return;
    }
    const std::size_t begin = out.size();
    for (std::size_t i = 0; i < raw_value.size(); ++i) {
        const bool crlf = raw_value.substr(i, 2) == "\r\n";
        if (crlf || raw_value[i] == '\n') {
            i += crlf ? 1 : 0;
        } else if (out.size() > begin || !is_blank(raw_value[i])) {
            out += raw_value[i];
        }
    }
    while (out.size() > begin && is_blank(out.back())) out.pop_back();
}

std::string unfold(std::string_view raw_value) {
    std::string out;
    out.reserve(raw_value.size());
    add_unfolded(out, raw_value);
    return out;
}

std::optional<std::string> find_header(std::string_view block, std::string_view name) {
    for (const HeaderField& field : split_header(block)) {
        if (equals_ignoring_case(field.name, name)) return unfold(field.raw_value);
    }
    return std::nullopt;
}

std::string_view find_message_id(std::string_view value) {
    const std::size_t begin = value.find('<');
    if (begin == std::string_view::npos) return {};
    const std::size_t end = value.find('>', begin);
    if (end == std::string_view::npos) return {};
    return value.substr(begin, end + 1 - begin);
}

std::string without_comments(std::string_view value) {
    std::string out;
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        const bool escaped = c == '\\' && (quoted || depth > 0) && i + 1 < value.size();
        if (escaped) {
            if (depth == 0) out += value.substr(i, 2);
            ++i;
        } else if (quoted || depth == 0) {
            if (c == '"') quoted = !quoted;
            if (c == '(' && !quoted) {
                depth = 1;
                out += ' ';
            } else {
                out += c;
            }
        } else if (c == '(') {
            ++depth;
        } else if (c == ')') {
            --depth;
        }
    }
    return std::string(trim(out));
}

std::string fold_header(std::string_view name, std::string_view value) {
    const std::string clean = one_line(value);
    Folder folder(name);
    // Runs of blanks are kept: they go in front of the token they precede.
    std::string_view rest = clean;
    while (!rest.empty()) {
        const std::size_t word = rest.find_first_not_of(" \t");
        const std::size_t end = std::min(rest.find_first_of(" \t", word), rest.size());
        add_bounded(folder, rest.substr(0, end));
        rest.remove_prefix(end);
        if (!rest.empty()) rest.remove_prefix(1);  // the folder writes one blank itself
    }
    return folder.finish();
}

std::string fold_pieces(std::string_view name, const std::vector<std::string>& pieces) {
    Folder folder(name);
    for (const std::string& piece : pieces) {
        const std::string clean = one_line(piece);
        if (!clean.empty()) add_bounded(folder, clean);
    }
    return folder.finish();
}

std::string quoted_phrase(std::string_view text) {
    std::string clean = one_line(text);
    const bool is_phrase = !clean.empty() && std::all_of(clean.begin(), clean.end(), [](char c) {
        return is_atom_character(c) || c == ' ';
    });
    if (is_phrase) return clean;
    std::string out = "\"";
    for (const char c : clean) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string comment_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_control(c)) continue;
        if (c == '(' || c == ')' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace sluice::message
