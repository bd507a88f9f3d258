#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"

// Values of the conversions file, in which symbols are replaced (spec page conversions,
// sections 2.1 and 2.3): 'NAME' by the content of a symbol, 'TABLE:argument' by what a mapping
// table makes of the argument; \' is an apostrophe. An apostrophe that begins neither stands for
// itself.
namespace sluice::conversion {

/// Symbols of one part: INPUT_TYPE, PART_NUMBER, those of PARAMETER-SYMBOL-n ... by name.
using SymbolTable = std::map<std::string, std::string, LessIgnoringCase>;

/// What a mapping table says about an argument.
struct TableAnswer {
    enum class Kind {
        value,    ///< `text` counts
        none,     ///< no match, or $N: the clause is ignored
        not_now,  ///< it has no answer now: the message waits
    };
    Kind kind = Kind::none;
    std::string text;
};
using AskTable = std::function<TableAnswer(const std::string& table, const std::string& argument)>;

struct Expanded {
    TableAnswer::Kind kind = TableAnswer::Kind::value;  ///< of the tables asked, the worst
    std::string text;
};

/// Most symbols in symbols ('TABLE:\'OTHER:\\'NAME\\'\'').
inline constexpr unsigned max_value_nesting = 4;

/// Replaces what stands between apostrophes. A symbol that is not there is empty.
Expanded expand_value(
    std::string_view value, const SymbolTable& symbols, const AskTable& ask_table
);

/// The text of a command for /bin/sh: 'NAME' becomes a quoted reference to the variable NAME, for
/// the names in `symbols` only, so that content of a message is never read by the shell. Every
/// other apostrophe is the shell's.
std::string shell_text(std::string_view command, const SymbolTable& symbols);

/// Whether a symbol may have this name: a letter or "_", then letters, digits, "_".
bool is_symbol_name(std::string_view name);

}  // namespace sluice::conversion
