#include "message/content_type.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/header_field.h"
#include "message/parameter_sections.h"

namespace sluice::message {

namespace {

// RFC 2045 section 5.1.
bool is_token_character(char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7f &&
           std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_ascii_token(std::string_view text) {
    return is_token(text) && is_ascii(text);
}

/// Walks through an unfolded value.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }
    void skip(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }

    bool take(char c) {
        if (!next_is(c)) return false;
        skip(1);
        return true;
    }

    void skip_blanks_and_comments() {
        while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == '(')) {
            if (rest_.front() == '(') {
                skip_comment();
            } else {
                skip(1);
            }
        }
    }

    std::string_view take_until(std::string_view stops) {
        const std::size_t end = std::min(rest_.find_first_of(stops), rest_.size());
        const std::string_view taken = rest_.substr(0, end);
        skip(end);
        return taken;
    }

    // Backslashes stand in front of quotes and backslashes only: others are part of a path name as
    // old software writes them.
    std::string take_quoted() {
        std::string out;
        skip(1);
        while (!rest_.empty() && rest_.front() != '"') {
            const bool escaped =
                rest_.front() == '\\' && rest_.size() > 1 && (rest_[1] == '"' || rest_[1] == '\\');
            if (escaped) skip(1);
            out += rest_.front();
            skip(1);
        }
        skip(1);
        return out;
    }

    /// A value without quotes. It may have blanks in it where quotes are missing; but not where the
    /// next parameter begins without a semicolon, or a comment.
    std::string take_unquoted() {
        const std::string_view all = rest_.substr(0, std::min(rest_.find(';'), rest_.size()));
        std::size_t end = 0;
        while (end < all.size()) {
            const std::size_t word = all.find_first_not_of(" \t", end);
            if (word == std::string_view::npos) break;
            const std::size_t word_end = std::min(all.find_first_of(" \t", word), all.size());
            const bool is_first = word == 0;
            const std::string_view text = all.substr(word, word_end - word);
            const std::size_t equals = text.find('=');
            const bool is_parameter =
                equals != std::string_view::npos && is_ascii_token(text.substr(0, equals));
            if (!is_first && (text.front() == '(' || is_parameter)) break;
            end = word_end;
        }
        skip(end);
        return std::string(all.substr(0, end));
    }

private:
    void skip_comment() {
        std::size_t depth = 0;
        std::size_t i = 0;
        for (; i < rest_.size(); ++i) {
            if (rest_[i] == '\\') {
                ++i;
            } else if (rest_[i] == '(') {
                ++depth;
            } else if (rest_[i] == ')' && --depth == 0) {
                break;
            }
        }
        skip(i + 1);
    }

    std::string_view rest_;
};

// "text/plain", "text / plain", "text/plain (comment)", "\"attachment\"".
std::string take_value(Reader& reader) {
    reader.skip_blanks_and_comments();
    if (reader.next_is('"')) return reader.take_quoted();
    std::string out;
    while (!reader.at_end() && !reader.next_is(';')) {
        // A further word belongs to the value only where a slash ties them together.
        const bool goes_on = out.empty() || out.back() == '/' || reader.next_is('/');
        if (!goes_on) break;
        out += reader.take_until("; \t(\"");
        reader.skip_blanks_and_comments();
        if (reader.next_is('"')) break;
    }
    return out;
}

std::optional<RawParameter> take_parameter(Reader& reader) {
    const std::string_view name = trim(reader.take_until("=; \t(\""));
    reader.skip_blanks_and_comments();
    if (!reader.take('=')) {
        if (reader.next_is('"')) reader.take_quoted();  // a value without a name
        return std::nullopt;
    }
    reader.skip_blanks_and_comments();
    std::string value = reader.next_is('"') ? reader.take_quoted() : reader.take_unquoted();
    if (!is_token(name)) return std::nullopt;
    return RawParameter{std::string(name), std::move(value)};
}

std::string quoted(std::string_view value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += is_control(c) ? ' ' : c;
    }
    return out + '"';
}

void add_pieces(const Parameter& parameter, std::vector<std::string>& pieces) {
    constexpr std::size_t room = preferred_line - 4;
    const std::string text = is_token(parameter.value) ? parameter.value : quoted(parameter.value);
    const bool fits = parameter.name.size() + text.size() < room;
    if (fits && is_ascii(text) && !may_hold_encoded_words(parameter)) {
        pieces.push_back(parameter.name + '=' + text);
        return;
    }
    for (std::string& section : parameter_sections(parameter, room))
        pieces.push_back(std::move(section));
}

}  // namespace

const Parameter* find_parameter(const Parameters& parameters, std::string_view name) {
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& one) {
        return equals_ignoring_case(one.name, name);
    });
    return found == parameters.end() ? nullptr : &*found;
}

std::string_view parameter_value(const Parameters& parameters, std::string_view name) {
    const Parameter* const found = find_parameter(parameters, name);
    return found == nullptr ? std::string_view() : std::string_view(found->value);
}

void set_parameter(Parameters& parameters, std::string_view name, std::string value) {
    for (Parameter& parameter : parameters) {
        if (!equals_ignoring_case(parameter.name, name)) continue;
        parameter = {parameter.name, std::move(value)};
        return;
    }
    parameters.push_back({std::string(name), std::move(value)});
}

StructuredValue parse_structured_value(std::string_view raw_value) {
    const std::string text = unfold(raw_value);
    Reader reader(text);
    StructuredValue out;
    out.value = take_value(reader);
    std::vector<RawParameter> raw;
    for (;;) {
        reader.skip_blanks_and_comments();
        if (reader.at_end() || raw.size() >= max_parameters) break;
        if (reader.take(';')) continue;
        if (auto parameter = take_parameter(reader)) raw.push_back(std::move(*parameter));
    }
    out.parameters = joined_sections(std::move(raw));
    return out;
}

std::string format_structured_field(std::string_view name, const StructuredValue& field) {
    std::vector<std::string> pieces = {field.value};
    for (const Parameter& parameter : field.parameters) {
        if (!is_ascii_token(parameter.name)) continue;
        add_pieces(parameter, pieces);
    }
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) pieces[i] += ';';
    return fold_pieces(name, pieces);
}

ContentType parse_content_type(std::string_view raw_value) {
    StructuredValue field = parse_structured_value(raw_value);
    ContentType out;
    const std::size_t slash = field.value.find('/');
    const std::string_view value = field.value;
    if (slash != std::string_view::npos && is_token(value.substr(0, slash)) &&
        is_token(value.substr(slash + 1))) {
        out.type = to_lower(value.substr(0, slash));
        out.subtype = to_lower(value.substr(slash + 1));
        out.is_readable = true;
    }
    out.parameters = std::move(field.parameters);
    return out;
}

}  // namespace sluice::message
