#pragma once

#include <string>
#include <vector>

#include "config/imta_cnf.h"

namespace sluice::config {

/// A line after comments are gone, continued lines are joined and included files are in their
/// place.
struct LogicalLine {
    std::string text;
    SourceLocation where;  ///< file and physical line on which it starts; column 1
    bool blank = false;
};

struct LogicalText {
    std::vector<LogicalLine> lines;
    SourceLocation last_line;  ///< of the main file
};

/// Include files nest this deep below the main file.
inline constexpr unsigned max_include_depth = 3;
/// Ceilings of one configuration: include lines followed, and octets read in all.
inline constexpr unsigned max_include_lines = 1000;
inline constexpr std::size_t max_octets = 256UL << 20U;

/// Reports E101 to E104.
LogicalText read_logical_lines(
    const std::string& path,
    FileSource& files,
    Diagnostics& diagnostics,
    const LogicalNames& logical_names
);

/// The same place with a column.
SourceLocation at_column(const SourceLocation& where, std::size_t column);

}  // namespace sluice::config
