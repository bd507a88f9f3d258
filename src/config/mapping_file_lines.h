#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Between the grammar of the mapping file and its reader: logical lines, joined and cut in columns.
namespace sluice::config {

/// One column of a logical line: the joins are gone, quotes (`$`) still stand.
struct MappingColumn {
    struct Place {
        std::size_t line = 0;
        std::size_t column = 0;
    };
    struct Piece {
        std::size_t offset = 0;  ///< into `text`
        Place place;
    };
    std::string text;
    std::vector<Piece> pieces;  ///< ascending; one for each stretch without a join inside

    [[nodiscard]] bool empty() const { return text.empty(); }
    /// Where the octet `offset` of the text stands in the file.
    [[nodiscard]] Place place_of(std::size_t offset) const;
};

struct MappingLine {
    enum class Kind : std::uint8_t { comment, blank, include, entry, name, bad };
    Kind kind = Kind::bad;
    std::size_t number = 0;         ///< first physical line
    std::string_view physical;      ///< its text without the line end; views the text parsed
    bool continued_to_end = false;  ///< the file ends inside the line
    MappingColumn first;            ///< pattern, table name or file specification
    MappingColumn second;           ///< template
    MappingColumn trailing;         ///< what stands behind the template
};

/// Calls `use` for every logical line of `text`, in order. Never fails: what fits nowhere is `bad`.
void parse_mapping_lines(std::string_view text, const std::function<void(const MappingLine&)>& use);

}  // namespace sluice::config
