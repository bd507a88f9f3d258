#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "alias/alias_table.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "config/file_source.h"

// The alias file (docs/man/aliases.5) to an alias::AliasTable.
namespace sluice::config {

class Tailor;

inline constexpr std::size_t max_alias_name = 128;     ///< octets
inline constexpr std::size_t max_alias_address = 256;  ///< octets
inline constexpr int max_alias_include_depth = 3;      ///< below the file itself
inline constexpr int max_alias_included_files = 1000;  ///< in one load

struct AliasFileSettings {
    /// Resolves `IMTA_TABLE:` prefixes of include lines; without it they are unknown.
    const Tailor* tailor = nullptr;
    /// Whether `postmaster` reaches a mailbox although no alias is defined: a missing alias is then
    /// a warning instead of an error.
    bool postmaster_elsewhere = false;
    bool or_clauses = false;  ///< option OR_CLAUSES: access clauses of lists are alternatives
};

/// Reads the text of an alias file and what it includes. A line that is not understood is reported
/// and skipped; the others stand. A mailing list with an error in its parameters is kept as one
/// whose expansion fails temporarily, so that its mail waits instead of bouncing. Member files are
/// not read here.
///
/// Codes: E_SYNTAX, E_BAD_NAME, E_NAME_LONG, E_BAD_ADDRESS, E_ADDRESS_LONG, E_NO_ADDRESS,
/// E_DUPLICATE (first kept), E_PARAMETER, E_POSITION, E_MEMBER_FILE, E_INCLUDE, E_INCLUDE_DEPTH,
/// E_NO_POSTMASTER; W_CONTINUATION, W_PARAMETER, W_DIRECTORY, W_NO_POSTMASTER.
alias::AliasTable parse_aliases(
    std::string_view text,
    const std::string& file_name,
    FileSource& files,
    const AliasFileSettings& settings,
    Diagnostics& diagnostics
);
/// One value of the alias database, in the language of the right-hand side. `file_name`: relative
/// file names start from its directory. What is wrong is added to `problems`; without members,
/// files and list there is nothing usable in it.
alias::Alias parse_alias_value(
    std::string_view value,
    const std::string& name,
    const std::string& file_name,
    const AliasFileSettings& settings,
    std::vector<std::string>& problems
);
/// A missing or unreadable file is an Error.
Result<alias::AliasTable> load_aliases(
    FileSource& files,
    const std::string& path,
    const AliasFileSettings& settings,
    Diagnostics& diagnostics
);

}  // namespace sluice::config
