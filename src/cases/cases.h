#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cases/table.h"
#include "config/configuration.h"

// Acceptance data: tables of examples with the results that the configuration languages must give.
// The same code runs them in the unit tests and in `imsimta test -cases`, so that a site can keep
// examples of its own configuration and try them before it publishes a change.
namespace sluice::cases {

enum class Kind : std::uint8_t {
    unknown,
    rewriting,  ///< addresses and what rewriting makes of them; NAME.cnf may be beside NAME.tsv
    mapping,    ///< probes and results of mapping tables; NAME.map may be beside NAME.tsv
    decisions,  ///< clients, senders, recipients and whether the message is accepted
    mapping_errors,  ///< errors.tsv: mapping files and the errors they contain
    access_replies,  ///< results of access tables and the replies they lead to
    diagnostics,     ///< NAME.diag.tsv beside NAME.cnf: findings about a configuration file
    channels,        ///< NAME.channels.tsv beside NAME.cnf: the channel table that results
};

/// By the names of the columns.
Kind kind_of(const Table& table);

/// One example and what came of it.
struct Outcome {
    std::string file;  ///< the table
    std::string id;    ///< of the row, or the table's name where it is compared as a whole
    std::string expected;
    std::string actual;
    std::string trace;  ///< how it came about; may be empty

    [[nodiscard]] bool passed() const { return expected == actual; }
};
using Report = std::function<void(const Outcome&)>;

/// Runs all examples of one table. Where no configuration is beside it, the examples are about
/// `site`, which may be null. An Error: the table, or its configuration, cannot be used at all.
Result<void> run_table(
    const std::string& path, const Report& report, const config::Configuration* site = nullptr
);

/// The tables at a path: itself, or all files *.tsv in the directory and below, sorted.
Result<std::vector<std::string>> find_tables(const std::string& path);

// One function for each kind, in files of their own. `path` names the table.
Result<void> run_rewriting(
    const std::string& path,
    const Table& table,
    const config::Configuration* site,
    const Report& report
);
Result<void> run_mapping(
    const std::string& path,
    const Table& table,
    const config::Configuration* site,
    const Report& report
);
Result<void> run_decisions(
    const std::string& path,
    const Table& table,
    const config::Configuration* site,
    const Report& report
);
Result<void> run_mapping_errors(const std::string& path, const Table& table, const Report& report);
Result<void> run_access_replies(const std::string& path, const Table& table, const Report& report);
Result<void> run_diagnostics(const std::string& path, const Report& report);
Result<void> run_channels(const std::string& path, const Report& report);

}  // namespace sluice::cases
