#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// The lines of imta.cnf taken apart (grammar/imta_cnf.h). Views point into the line given; columns
// count from 1. Every line has a reading, so nothing here fails: what is wrong with the parts is
// for the callers to say.
namespace sluice::config {

enum class LineKind : std::uint8_t { blank, comment, include, text, continued };

struct PhysicalLine {
    LineKind kind = LineKind::blank;
    /// Name of the included file; the text, without the backslash of a continued line.
    std::string_view text;
    std::size_t column = 1;  ///< of `text`
};
PhysicalLine parse_physical_line(std::string_view line);
/// The line after a continued one: comments are skipped as ever, everything else is text.
PhysicalLine parse_continuing_line(std::string_view line);

struct RuleParts {
    std::string_view pattern;
    std::string_view template_text;  ///< empty where the line has none
};
/// `line` must not be blank.
RuleParts parse_rule_line(std::string_view line);

struct Word {
    std::string_view text;  ///< without quotation marks
    std::size_t column = 1;
    bool quoted = false;
    bool closed = true;  ///< false: the closing quotation mark is missing
};
std::vector<Word> parse_block_line(std::string_view line);

}  // namespace sluice::config
