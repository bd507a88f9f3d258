#include "cases/cases.h"

#include <algorithm>
#include <filesystem>

namespace sluice::cases {

namespace fs = std::filesystem;

Kind kind_of(const Table& table) {
    const auto has = [&](std::initializer_list<std::string_view> names) {
        return std::all_of(names.begin(), names.end(), [&](std::string_view name) {
            return table.has_column(name);
        });
    };
    if (has({"client", "sender", "recipient", "expect"})) return Kind::decisions;
    if (has({"direction", "source", "address", "expect_address"})) return Kind::rewriting;
    if (has({"table", "probe", "input_flags", "match"})) return Kind::mapping;
    if (has({"load", "file", "line", "code"})) return Kind::mapping_errors;
    if (has({"table", "flags", "output", "decision", "reply"})) return Kind::access_replies;
    if (has({"file", "line", "severity", "id"})) return Kind::diagnostics;
    if (has({"channel", "official_host", "effective_keywords"})) return Kind::channels;
    return Kind::unknown;
}

Result<void> run_table(
    const std::string& path, const Report& report, const config::Configuration* site
) {
    const auto table = read_table(path);
    if (!table) return table.error();
    switch (kind_of(*table)) {
        case Kind::rewriting:
            return run_rewriting(path, *table, site, report);
        case Kind::mapping:
            return run_mapping(path, *table, site, report);
        case Kind::decisions:
            return run_decisions(path, *table, site, report);
        case Kind::mapping_errors:
            return run_mapping_errors(path, *table, report);
        case Kind::access_replies:
            return run_access_replies(path, *table, report);
        case Kind::diagnostics:
            return run_diagnostics(path, report);
        case Kind::channels:
            return run_channels(path, report);
        case Kind::unknown:
            break;
    }
    return Error::permanent(
        {5, 3, 5}, "not a table of examples", path + ": the columns are those of no kind of example"
    );
}

Result<std::vector<std::string>> find_tables(const std::string& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        if (error) return Error::from_errno(error.value(), path);
        return std::vector<std::string>{path};
    }
    std::vector<std::string> tables;
    for (auto entry = fs::recursive_directory_iterator(path, error);
         !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        if (entry->is_regular_file(error) && entry->path().extension() == ".tsv") {
            tables.push_back(entry->path().string());
        }
    }
    if (error) return Error::from_errno(error.value(), path);
    std::sort(tables.begin(), tables.end());
    return tables;
}

}  // namespace sluice::cases
