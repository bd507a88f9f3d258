#include <map>
#include <set>

#include "access/decode.h"
#include "base/file.h"
#include "cases/cases.h"
#include "cases/example_answers.h"
#include "config/mapping_file.h"
#include "mapping/engine.h"
#include "mapping/recorded_answers.h"

namespace sluice::cases {

namespace {

std::string stem_of(const std::string& path) {
    return path.substr(0, path.size() - std::string_view(".tsv").size());
}

std::string directory_and_slash(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

}  // namespace

Result<void> run_mapping(
    const std::string& path,
    const Table& table,
    const config::Configuration* site,
    const Report& report
) {
    const std::string base = stem_of(path);
    config::DiskFiles files;
    Diagnostics diagnostics;
    const bool has_own = site == nullptr || file_exists(base + ".map");
    mapping::TableSet own;
    if (has_own) own = config::read_mapping_file(base + ".map", files, diagnostics);
    const mapping::TableSet& tables = has_own ? own : site->mappings;
    for (const Diagnostic& found : diagnostics.items()) {
        if (found.severity == Severity::error) {
            return Error::permanent({5, 3, 5}, "mapping file error", found.to_string());
        }
    }
    ExampleAnswers answers;
    answers.load(base);
    for (const Row& row : table.rows) {
        const mapping::InputFlags flags(dash_is_empty(cell(row, "input_flags")));
        const std::string probe = unescaped(cell(row, "probe"));
        // Sequence numbers go on; so the explanation is made with the same answers again.
        mapping::RecordingAnswers recording(answers);
        const auto result = mapping::probe(tables, cell(row, "table"), probe, flags, recording);
        Outcome outcome;
        outcome.file = path;
        outcome.id = cell(row, "id");
        outcome.expected = "match=" + cell(row, "match") + " flags=" + cell(row, "flags") +
                           " output=" + unescaped(cell(row, "output"));
        outcome.actual = result.to_debug_string();
        for (const std::string& warning : result.warnings) {
            outcome.actual += " warning: " + warning;
        }
        if (!outcome.passed()) {
            mapping::ReplayedAnswers again(recording.recorded());
            mapping::Trace trace;
            mapping::probe(tables, cell(row, "table"), probe, flags, again, &trace);
            outcome.trace = trace.to_string();
        }
        report(outcome);
    }
    return {};
}

// All errors of a file, and nothing else, in any order.
Result<void> run_mapping_errors(const std::string& path, const Table& table, const Report& report) {
    const std::string directory = directory_and_slash(path);
    using Lines = std::multiset<std::string>;
    const auto joined = [](const Lines& lines) {
        std::string text;
        for (const std::string& line : lines) text += (text.empty() ? "" : ", ") + line;
        return text;
    };
    std::map<std::string, Lines> expected;
    for (const Row& row : table.rows) {
        Lines& lines = expected[cell(row, "load")];
        if (cell(row, "code") == "none") continue;
        lines.insert(cell(row, "file") + ':' + cell(row, "line") + ' ' + cell(row, "code"));
    }
    for (const auto& [file, lines] : expected) {
        config::DiskFiles files;
        Diagnostics diagnostics;
        config::read_mapping_file(directory + file, files, diagnostics);
        Lines found;
        for (const Diagnostic& one : diagnostics.items()) {
            if (one.severity != Severity::error) continue;
            std::string name(one.where.file_name());
            if (name.starts_with(directory)) name.erase(0, directory.size());
            found.insert(name + ':' + std::to_string(one.where.line) + ' ' + one.code);
        }
        report({path, file, joined(lines), joined(found), {}});
    }
    return {};
}

namespace {

std::optional<access::AccessTable> access_table_named(std::string_view name) {
    using access::AccessTable;
    for (const auto table :
         {AccessTable::port_access, AccessTable::from_access, AccessTable::orig_send_access,
          AccessTable::send_access, AccessTable::orig_mail_access, AccessTable::mail_access}) {
        if (access::table_name(table) == name) return table;
    }
    return std::nullopt;
}

access::Verdict verdict_of(access::AccessTable table, const Row& row) {
    mapping::Outcome outcome;
    outcome.table_exists = true;
    outcome.matched = true;
    outcome.flags = mapping::OutputFlags(dash_is_empty(cell(row, "flags")));
    outcome.output = unescaped(cell(row, "output"));
    if (table == access::AccessTable::port_access) return access::decode_port_access(outcome);
    return access::decode_access(table, outcome, unescaped(cell(row, "address")), {});
}

}  // namespace

Result<void> run_access_replies(const std::string& path, const Table& table, const Report& report) {
    for (const Row& row : table.rows) {
        Outcome outcome;
        outcome.file = path;
        outcome.id = cell(row, "id");
        outcome.expected =
            cell(row, "decision") + ' ' + cell(row, "reply") + ' ' + cell(row, "effects");
        if (const auto access_table = access_table_named(cell(row, "table"))) {
            const auto verdict = verdict_of(*access_table, row);
            outcome.actual = std::string(verdict.refused() ? "refuse " : "permit ") +
                             (verdict.reply.empty() ? "-" : verdict.reply.lines.front()) + ' ' +
                             verdict.effects();
        } else {
            outcome.actual = "there is no table " + cell(row, "table");
        }
        report(outcome);
    }
    return {};
}

}  // namespace sluice::cases
