#include "cases/table.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/file.h"

namespace sluice::cases {

namespace {

constexpr std::size_t largest_table = 16UL << 20U;

}  // namespace

bool Table::has_column(std::string_view name) const {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
}

std::vector<std::string_view> lines_of(std::string_view text) {
    auto lines = split(text, '\n');
    if (lines.back().empty()) lines.pop_back();
    return lines;
}

Table parse_table(std::string_view text) {
    Table table;
    const auto lines = lines_of(text);
    if (lines.empty()) return table;
    for (const auto name : split(lines.front(), '\t')) table.columns.emplace_back(name);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto values = split(lines[i], '\t');
        Row row;
        for (std::size_t k = 0; k < table.columns.size() && k < values.size(); ++k) {
            row.emplace(table.columns[k], values[k]);
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

Result<Table> read_table(const std::string& path) {
    const auto text = read_file(path, largest_table);
    if (!text) return text.error();
    return parse_table(*text);
}

const std::string& cell(const Row& row, std::string_view column) {
    static const std::string nothing;
    const auto found = row.find(column);
    return found == row.end() ? nothing : found->second;
}

std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            plain += text[i];
            continue;
        }
        switch (text[++i]) {
            case 'e':
                break;
            case 't':
                plain += '\t';
                break;
            case 'n':
                plain += '\n';
                break;
            case 'r':
                plain += '\r';
                break;
            default:
                plain += text[i];
        }
    }
    return plain;
}

std::string dash_is_empty(const std::string& text) {
    return text == "-" ? "" : text;
}

}  // namespace sluice::cases
