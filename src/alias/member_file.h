#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "alias/alias_table.h"

// Files that name the members of a mailing list, or who may post to one. They are read at each use,
// by the shell; here is what their text means. Pure.
namespace sluice::alias {

inline constexpr int max_member_include_depth = 3;      ///< below the file itself
inline constexpr std::size_t max_member_problems = 20;  ///< kept of one file
inline constexpr std::size_t max_member_line = 1024;    ///< octets

struct MemberFile {
    /// A line that is no member.
    struct Problem {
        std::size_t line = 0;
        std::string text;
    };
    std::vector<Member> members;
    std::vector<std::string> includes;  ///< file names as written
    std::vector<Problem> problems;      ///< the first few
};

MemberFile parse_member_file(std::string_view text, MemberSyntax syntax);

/// The lines of a file of patterns or header fields: without line ends, comments and blank lines.
std::vector<std::string> file_lines(std::string_view text);

}  // namespace sluice::alias
