#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/database_writer.h"
#include "store/entry_line.h"

namespace sluice::store {

/// A line that did not become an entry.
struct LineException {
    std::size_t line = 0;  ///< from 1
    LineProblem problem;
    std::string text;
};

/// What the source text of a database comes to.
struct DatabaseSource {
    Entries entries;
    std::vector<LineException> exceptions;
    std::uint64_t lines = 0;
    std::uint64_t added = 0;       ///< lines that became entries
    std::uint64_t duplicates = 0;  ///< lines whose key stands above in the text
    std::uint64_t replaced = 0;    ///< entries that were there before the text
};

struct SourceRules {
    LineSyntax syntax;
    /// A key may stand on several lines. The first one counts, the others are only counted.
    bool allow_duplicates = false;
};

/// Reads the text; its entries take the place of those of `before` with the same keys.
DatabaseSource read_database_source(
    std::string_view text, const SourceRules& rules, Entries before = {}
);

}  // namespace sluice::store
