#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/file_source.h"

// The option file: the one syntax behind option.dat, imta_tailor, <channel>_option,
// job_controller.cnf and dispatcher.cnf (docs/man/option.dat.5). This reader knows lines, not
// meanings; each file's own reader looks its names up in its own table.
namespace sluice::config {

/// Longest physical line accepted, octets.
inline constexpr std::size_t max_option_line = 32768;

/// One "name = value". Trailing white space of the value is gone, continuations are joined.
struct Setting {
    std::string name;            ///< as written; compare without regard to case
    std::string value;           ///< may be empty
    SourceLocation where;        ///< of the name
    SourceLocation value_where;  ///< of the value's first octet
    std::string line;            ///< physical line of the value, for diagnostics
};

/// The settings under one "[KIND=name]" line. Section 0 of a file holds what stands before the
/// first such line and has no kind.
struct Section {
    std::string kind;  ///< upper case
    std::string name;  ///< as written
    SourceLocation where;
    std::string line;
    std::vector<Setting> settings;

    /// The last setting of that name, which is the one that counts; nullptr if there is none.
    [[nodiscard]] const Setting* find(std::string_view name) const;
    /// Every setting of that name, for the few names that accumulate.
    [[nodiscard]] std::vector<const Setting*> find_all(std::string_view name) const;
};

/// What differs between the files of the family.
struct OptionDialect {
    bool only_exclamation_comments = false;        ///< imta_tailor: "#" and ";" are ordinary
    bool sections = false;                         ///< "[KIND=name]" lines are allowed
    std::vector<std::string_view> accumulating{};  ///< names that may be repeated
};

struct OptionFile {
    std::vector<Section> sections;  ///< never empty

    [[nodiscard]] const Section& globals() const { return sections.front(); }
};

/// Reads `text`; `file_name` is what diagnostics call it. Reports and goes on: the result holds
/// every line that could be understood. Codes: E401 line not understood, E402 line too long, E403
/// section where none may be, W401 repeated setting, W402 doubtful continuation, W403 repeated
/// section (its settings join the first).
OptionFile parse_option_file(
    std::string_view text,
    std::string_view file_name,
    const OptionDialect& dialect,
    Diagnostics& diagnostics
);

/// The same from a file. A missing file is an Error; the caller knows whether it may be missing.
Result<OptionFile> load_option_file(
    FileSource& files,
    const std::string& path,
    const OptionDialect& dialect,
    Diagnostics& diagnostics
);

/// Refuses a file that anybody may write to (E404): its content would be anybody's. Looks at the
/// disk, so loaders call it for files that came from the disk. A missing file passes.
bool check_not_world_writable(const std::string& path, Diagnostics& diagnostics);

/// `{file, line, column}` in one call.
SourceLocation column_of(SourceLocation where, std::size_t column);

}  // namespace sluice::config
