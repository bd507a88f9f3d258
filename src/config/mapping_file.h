#pragma once

#include <set>
#include <string>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "config/file_source.h"
#include "mapping/table.h"

namespace sluice::config {

/// Inclusions inside each other below the main file.
constexpr unsigned mapping_include_nesting = 3;
/// Files one mapping file may pull in, counted with repetition.
constexpr unsigned mapping_include_count = 1000;

/// Names of mapping tables, in any case.
using TableNames = std::set<std::string, LessIgnoringCase>;

/// Reads a mapping file with everything it includes and compiles every entry; mappings(5) describes
/// the file, `test -mapping` and the compiler of the configuration show the findings.
///
/// All problems of the file are added to `diagnostics`, with the codes of the manual; reading goes
/// on behind each of them, and an entry with an error is left out. If `diagnostics.has_errors()`
/// afterwards, the result must not be put into service. A main file that does not exist is no
/// error: the set is empty.
///
/// `table_directory` is what `IMTA_TABLE:` means in an inclusion; if it is empty, the directory of
/// the main file. `called_elsewhere`: tables that rewrite rules call.
mapping::TableSet read_mapping_file(
    const std::string& path,
    FileSource& files,
    Diagnostics& diagnostics,
    const std::string& table_directory = {},
    const TableNames& called_elsewhere = {}
);

}  // namespace sluice::config
