#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Tables of examples: tab-separated text whose first line names the columns. What the columns of
// each kind of table mean is in the README files of tests/cases.
namespace sluice::cases {

/// One line, by the names of the columns. A line with fewer columns lacks the last ones.
using Row = std::map<std::string, std::string, std::less<>>;

struct Table {
    std::vector<std::string> columns;
    std::vector<Row> rows;

    [[nodiscard]] bool has_column(std::string_view name) const;
};

Table parse_table(std::string_view text);
Result<Table> read_table(const std::string& path);

/// The column, or an empty text.
const std::string& cell(const Row& row, std::string_view column);
/// Undoes \e (nothing) \t \n \r \\ of the example files.
std::string unescaped(std::string_view text);
/// "-" is the empty text.
std::string dash_is_empty(const std::string& text);

/// Lines without their ends; the empty one behind the last line end does not count.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace sluice::cases
