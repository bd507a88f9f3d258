#include "lint/format.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "config/imta_cnf_parser.h"
#include "config/mapping_file_lines.h"

namespace sluice::lint {

namespace {

using config::LineKind;
using config::MappingLine;

/// A longer pattern does not push the second column out for all others.
constexpr std::size_t widest_pattern = 44;
constexpr std::size_t gap = 2;

/// A physical line without its end, and the end.
struct Line {
    std::string_view text;
    std::string_view end;
};

std::vector<Line> physical_lines(std::string_view text) {
    std::vector<Line> lines;
    while (!text.empty()) {
        const std::size_t feed = text.find('\n');
        std::string_view line = text.substr(0, feed);
        std::string_view end = feed == std::string_view::npos ? "" : "\n";
        text.remove_prefix(feed == std::string_view::npos ? text.size() : feed + 1);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
            end = end.empty() ? "\r" : "\r\n";
        }
        lines.push_back({line, end});
    }
    return lines;
}

std::string_view without_trailing_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// One line of the result: two columns to be aligned, or a text that stays.
struct Row {
    std::string first;
    std::string second;
    std::string_view end;
    bool aligned = false;
};

std::size_t width_of(const std::vector<Row>& rows) {
    std::size_t width = 0;
    for (const Row& row : rows) {
        if (row.aligned && row.first.size() <= widest_pattern)
            width = std::max(width, row.first.size());
    }
    return width;
}

void append(std::string& out, const std::vector<Row>& rows) {
    const std::size_t width = width_of(rows);
    for (const Row& row : rows) {
        out += row.first;
        if (row.aligned && !row.second.empty()) {
            const std::size_t fill = width > row.first.size() ? width - row.first.size() : 0;
            out.append(fill + gap, ' ');
        }
        out += row.second;
        out += row.end;
    }
}

/// Whether the second word of a line is a template and not a keyword or host name.
bool looks_like_a_template(std::string_view text) {
    return text.find_first_of("$@%") != std::string_view::npos;
}

/// Whether blanks that would be moved mean something: in quotation marks, or in front of what would
/// be a comment or an include in column one.
bool has_meaning_in_blanks(std::string_view text) {
    const auto words = config::parse_block_line(text);
    if (!words.empty() && words.front().text.find_first_of("!<") == 0) return true;
    const bool open = std::any_of(words.begin(), words.end(), [](const config::Word& word) {
        return !word.closed;
    });
    return open || config::parse_rule_line(text).pattern.find('"') != std::string_view::npos;
}

// The gap behind the first word is the only one that both readings of a line, rule and channel
// block, take alike: an included file does not say which of them it is.
Row imta_cnf_row(std::string_view text) {
    const config::RuleParts parts = config::parse_rule_line(text);
    const std::string_view rest = without_trailing_blanks(parts.template_text);
    Row row;
    row.first = parts.pattern;
    row.second = rest;
    row.aligned = looks_like_a_template(rest);
    if (!row.aligned && !rest.empty()) row.first += ' ';
    return row;
}

std::string format_imta_cnf(std::string_view text) {
    std::string out;
    std::vector<Row> rows;
    bool continued = false;
    for (const Line& line : physical_lines(text)) {
        const auto parsed = continued ? config::parse_continuing_line(line.text)
                                      : config::parse_physical_line(line.text);
        Row row{std::string(line.text), {}, line.end};
        if (parsed.kind == LineKind::comment) {
            rows.push_back(std::move(row));
            continue;
        }
        const bool inside = continued;
        continued = parsed.kind == LineKind::continued;
        if (parsed.kind == LineKind::blank && !inside) {
            // Without its line end an empty line would not be there at all.
            if (!line.end.empty()) row.first.clear();
            rows.push_back(std::move(row));
            append(out, rows);
            rows.clear();
            continue;
        }
        // Blanks behind a backslash at the end keep it from being a continuation.
        const bool as_it_is = inside || parsed.kind != LineKind::text ||
                              without_trailing_blanks(line.text).ends_with('\\') ||
                              has_meaning_in_blanks(parsed.text);
        if (!as_it_is) {
            row = imta_cnf_row(parsed.text);
            row.end = line.end;
        }
        rows.push_back(std::move(row));
    }
    append(out, rows);
    return out;
}

std::string imta_cnf_meaning(std::string_view text) {
    std::string out;
    bool continued = false;
    for (const Line& line : physical_lines(text)) {
        const auto parsed = continued ? config::parse_continuing_line(line.text)
                                      : config::parse_physical_line(line.text);
        if (parsed.kind == LineKind::comment) {
            out += "comment " + std::string(line.text) + '\n';
            continue;
        }
        const bool inside = continued;
        continued = parsed.kind == LineKind::continued;
        if (inside || parsed.kind == LineKind::continued) {
            out += "part " + std::string(line.text) + '\n';
        } else if (parsed.kind == LineKind::blank) {
            out += "blank\n";
        } else if (parsed.kind == LineKind::include) {
            out += "include " + std::string(parsed.text) + '\n';
        } else {
            const config::RuleParts rule = config::parse_rule_line(parsed.text);
            out += "rule [" + std::string(rule.pattern) + "] [" +
                   std::string(without_trailing_blanks(rule.template_text)) + "] words";
            for (const config::Word& word : config::parse_block_line(parsed.text)) {
                out += word.quoted ? " \"" : " [";
                out += std::string(word.text) + (word.closed ? "]" : "[");
            }
            out += '\n';
        }
    }
    return out;
}

/// Calls back for each logical line with the physical lines it is made of.
void for_each_mapping_line(
    std::string_view text,
    const std::function<void(const MappingLine&, std::size_t first, std::size_t last)>& use
) {
    std::vector<std::size_t> starts;
    config::parse_mapping_lines(text, [&](const MappingLine& line) {
        starts.push_back(line.number);
    });
    std::size_t index = 0;
    const std::size_t total = physical_lines(text).size();
    config::parse_mapping_lines(text, [&](const MappingLine& line) {
        const std::size_t next = ++index < starts.size() ? starts[index] : total + 1;
        use(line, line.number - 1, next - 1);
    });
}

Row mapping_row(const MappingLine& line, const Line& physical) {
    using Kind = MappingLine::Kind;
    Row row{std::string(physical.text), {}, physical.end};
    // A backslash continues a line or not by what is behind it: nothing is moved around it.
    if (physical.text.find('\\') != std::string_view::npos) return row;
    if (line.kind == Kind::blank) {
        if (!physical.end.empty()) row.first.clear();
    } else if (line.kind == Kind::name) {
        row.first = without_trailing_blanks(physical.text);
    } else if (line.kind == Kind::entry && line.trailing.empty() && !line.first.empty()) {
        row.first = "  " + line.first.text;
        row.second = line.second.text;
        row.aligned = true;
    }
    return row;
}

std::string format_mappings(std::string_view text) {
    const auto lines = physical_lines(text);
    std::string out;
    std::vector<Row> rows;
    for_each_mapping_line(text, [&](const MappingLine& line, std::size_t first, std::size_t last) {
        if (line.kind == MappingLine::Kind::name) {
            append(out, rows);
            rows.clear();
        }
        if (last - first == 1 && !line.continued_to_end) {
            rows.push_back(mapping_row(line, lines[first]));
            return;
        }
        for (std::size_t i = first; i < last; ++i)
            rows.push_back({std::string(lines[i].text), {}, lines[i].end});
    });
    append(out, rows);
    return out;
}

std::string mappings_meaning(std::string_view text) {
    std::string out;
    for_each_mapping_line(text, [&](const MappingLine& line, std::size_t first, std::size_t last) {
        using Kind = MappingLine::Kind;
        out += std::to_string(first) + '-' + std::to_string(last) + ' ';
        if (line.kind == Kind::comment || line.kind == Kind::bad) {
            out += std::string(line.physical) + '\n';
            return;
        }
        if (line.continued_to_end) out += "continued ";
        const bool is_entry = line.kind == Kind::entry;
        out += std::to_string(static_cast<int>(line.kind)) + " [" +
               std::string(is_entry ? line.first.text : trim(line.first.text)) + "] [" +
               line.second.text + "] [" + line.trailing.text + "]\n";
    });
    return out;
}

}  // namespace

std::string meaning(Language language, std::string_view text) {
    return language == Language::imta_cnf ? imta_cnf_meaning(text) : mappings_meaning(text);
}

Result<std::string> format(Language language, std::string_view text) {
    std::string out =
        language == Language::imta_cnf ? format_imta_cnf(text) : format_mappings(text);
    if (meaning(language, out) == meaning(language, text)) return out;
    return Error::permanent(
        {5, 3, 5}, "not formatted", "the formatted text would not mean the same"
    );
}

}  // namespace sluice::lint
