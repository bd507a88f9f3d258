#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Lines and clauses of the conversions file, before anybody knows what they mean.
namespace sluice::config {

/// A physical line, or several that backslashes joined.
struct ConversionsLine {
    enum class Kind : std::uint8_t { comment, blank, include, clauses };
    struct Piece {
        std::size_t offset = 0;  ///< into `text`
        std::size_t line = 0;
        std::string_view physical;
    };
    Kind kind = Kind::blank;
    std::string text;
    std::vector<Piece> pieces;  ///< ascending, at least one

    /// Physical line and column of the octet `offset`.
    struct Place {
        std::size_t line = 0;
        std::size_t column = 0;
        std::string_view physical;
    };
    [[nodiscard]] Place place_of(std::size_t offset) const;
};

/// Calls `use` for each line of `text`, in order. Views go with `text`.
void read_conversions_lines(
    std::string_view text, const std::function<void(const ConversionsLine&)>& use
);

/// "name=value" between semicolons.
struct ConversionsClause {
    enum class Problem : std::uint8_t { none, no_equals, open_quote };
    Problem problem = Problem::none;
    std::string name;        ///< upper case
    std::string value;       ///< without the quotes and their backslashes
    std::size_t offset = 0;  ///< of the name; of the quote that is open
};

/// `ends_entry`: the line does not end with a semicolon.
std::vector<ConversionsClause> split_clauses(std::string_view line, bool& ends_entry);

}  // namespace sluice::config
