#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace sluice::store {

/// One entry as it stands in the text of a lookup database: `key`, blanks, `value`. In the key `$`
/// stands before a character that counts as it is: `$ ` for a blank, `$$` for a dollar.
struct Entry {
    std::string key;    ///< without its quoting, in lower case: keys have no case
    std::string value;  ///< as written, blanks at both ends removed
};

/// What is wrong with a line. `at` counts octets from the beginning of the line.
struct LineProblem {
    std::size_t at = 0;
    std::string_view code;  ///< E_TOO_LONG, E_TRAILING ...
    std::string text;
    std::string hint;
};

/// How a line is taken apart.
struct LineSyntax {
    /// The value ends at the first unquoted blank, and nothing may follow it. Without it the value
    /// is the rest of the line.
    bool value_is_one_word = false;
    /// Blanks between quotation marks belong to the key.
    bool quoted_keys = false;
    /// Takes the outermost quotation marks of a key away.
    bool remove_quotes = false;
    /// Takes a colon at the end of the key away.
    bool strip_colons = false;
};

struct NoEntry {};  ///< a blank line or a comment: `!` in column one

/// `line` without its line end.
std::variant<Entry, NoEntry, LineProblem> parse_entry_line(
    std::string_view line, const LineSyntax& syntax
);

/// The line that parse_entry_line() reads back as this entry, with the plain syntax.
std::string entry_line(std::string_view key, std::string_view value);

/// A value that is no template: `$` and the character behind it become that character.
std::string without_quoting(std::string_view value);

}  // namespace sluice::store
