#include "store/entry_line.h"

#include "base/bytes.h"
#include "store/limits.h"

namespace sluice::store {

namespace {

/// Where the column that begins at `from` ends: at the first blank that no `$` stands before, and,
/// where `quotes` says so, that is not between quotation marks.
std::size_t column_end(std::string_view line, std::size_t from, bool quotes) {
    bool quoted = false;
    std::size_t at = from;
    for (; at < line.size(); ++at) {
        if (line[at] == '$' && at + 1 < line.size()) {
            ++at;
        } else if (quotes && line[at] == '"') {
            quoted = !quoted;
        } else if (is_blank(line[at]) && !quoted) {
            break;
        }
    }
    return at;
}

std::size_t skip_blanks(std::string_view line, std::size_t at) {
    while (at < line.size() && is_blank(line[at])) ++at;
    return at;
}

/// Whether a `$` at the end has nothing to quote.
bool dangles(std::string_view column) {
    std::size_t dollars = 0;
    while (dollars < column.size() && column[column.size() - 1 - dollars] == '$') ++dollars;
    return dollars % 2 == 1;
}

std::string key_of(std::string_view column, const LineSyntax& syntax) {
    if (syntax.strip_colons && column.size() > 1 && column.back() == ':') column.remove_suffix(1);
    if (syntax.remove_quotes && column.size() > 2 && column.front() == '"' && column.back() == '"')
        column = column.substr(1, column.size() - 2);
    return to_lower(without_quoting(column));
}

}  // namespace

std::string without_quoting(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '$' && i + 1 < value.size()) ++i;
        out += value[i];
    }
    return out;
}

std::variant<Entry, NoEntry, LineProblem> parse_entry_line(
    std::string_view line, const LineSyntax& syntax
) {
    const auto problem = [](std::size_t at, std::string_view code, std::string text,
                            std::string hint = {}) {
        return LineProblem{at, code, std::move(text), std::move(hint)};
    };
    if (!line.empty() && line.front() == '!') return NoEntry{};
    const std::size_t key_begin = skip_blanks(line, 0);
    if (key_begin == line.size()) return NoEntry{};
    if (line.size() > limits::line) return problem(0, "E_TOO_LONG", "the line is too long");
    const std::size_t zero = line.find('\0');
    if (zero != std::string_view::npos) return problem(zero, "E_NUL", "a NUL octet");
    const std::size_t key_end = column_end(line, key_begin, syntax.quoted_keys);
    const std::string_view key = line.substr(key_begin, key_end - key_begin);
    if (dangles(key)) return problem(key_end - 1, "E_DANGLING", "\"$\" with nothing to quote");
    const std::size_t value_begin = skip_blanks(line, key_end);
    if (value_begin == line.size())
        return problem(key_end, "E_NO_VALUE", "no value", "key, blanks, value; \"!\" comments out");
    std::size_t value_end = line.size();
    if (syntax.value_is_one_word) {
        value_end = column_end(line, value_begin, false);
        const std::size_t rest = skip_blanks(line, value_end);
        if (rest != line.size())
            return problem(
                rest, "E_TRAILING", "text after the value", "write a blank of the value as \"$ \""
            );
    } else {
        while (value_end > value_begin && is_blank(line[value_end - 1])) --value_end;
        // A blank that is quoted belongs to the value.
        if (value_end < line.size() && dangles(line.substr(value_begin, value_end - value_begin)))
            ++value_end;
    }
    const std::string_view value = line.substr(value_begin, value_end - value_begin);
    if (dangles(value)) return problem(value_end - 1, "E_DANGLING", "\"$\" with nothing to quote");
    Entry entry{key_of(key, syntax), std::string(value)};
    if (entry.key.size() > limits::key)
        return problem(
            key_begin, "E_TOO_LONG",
            "the key has more than " + std::to_string(limits::key) + " octets"
        );
    if (entry.value.size() > limits::value)
        return problem(
            value_begin, "E_TOO_LONG",
            "the value has more than " + std::to_string(limits::value) + " octets"
        );
    return entry;
}

std::string entry_line(std::string_view key, std::string_view value) {
    std::string line;
    for (const char c : key) {
        if (is_blank(c) || c == '$' || (c == '!' && line.empty())) line += '$';
        line += c;
    }
    line += ' ';
    line += value;
    return line;
}

}  // namespace sluice::store
