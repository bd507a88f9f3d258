#pragma once

#include <string>

#include "base/diagnostic.h"
#include "config/file_source.h"
#include "config/tailor.h"
#include "conversion/entry.h"

namespace sluice::config {

/// Files that include files; how deep, and how many in all.
inline constexpr unsigned conversions_include_nesting = 3;
inline constexpr unsigned conversions_include_count = 1000;

/// Reads a conversions file (docs/man/conversions.5) with everything that it includes. A missing
/// file has no entries. An entry with an error is left out. Codes: E_CLAUSE a clause that is no
/// "name=value" or lacks its partner, E_QUOTE a quote that does not end, E_EMPTY an entry that does
/// nothing, E_CONFLICT COMMAND together with DELETE or SERVICE-COMMAND, E_VALUE a value that the
/// clause cannot have, E_INCLUDE, E_NEST as in a mapping file; W_NAME an unknown name, W_TWICE a
/// clause that an entry has twice (the later counts).
/// `tailor` is for prefixes (IMTA_TABLE:) of inclusions and may be null.
conversion::Entries read_conversions(
    const std::string& path, FileSource& files, const Tailor* tailor, Diagnostics& diagnostics
);
/// The same of a text.
conversion::Entries parse_conversions(
    std::string_view text, const std::string& file_name, Diagnostics& diagnostics
);

}  // namespace sluice::config
