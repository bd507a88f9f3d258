// imsimta crdb, dumpdb, renamedb: lookup databases.
#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/bytes.h"
#include "base/file.h"
#include "store/database_source.h"
#include "store/limits.h"
#include "store/lookup_database.h"
#include "utility/json_line.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

using config::TailorEntry;

/// The file that a parameter means: the name of a tailor entry (IMTA_GENERAL_DATABASE), a file
/// behind one (IMTA_TABLE:general.txt), or a path.
Result<std::string> file_named(const Invocation& invocation, const std::string& parameter) {
    const config::Tailor& tailor = invocation.instance()->tailor;
    for (const TailorEntry entry :
         {TailorEntry::alias_database, TailorEntry::domain_database, TailorEntry::forward_database,
          TailorEntry::general_database, TailorEntry::reverse_database,
          TailorEntry::user_profile_database, TailorEntry::ssr_database}) {
        if (equals_ignoring_case(parameter, config::Tailor::name_of(entry)))
            return tailor.path(entry);
    }
    return tailor.resolve(parameter);
}

ExitCode failed(
    Console& console, std::string_view facility, std::string_view ident, const Error& error
) {
    console.error(facility, ident, error.detail().empty() ? error.text() : error.detail());
    return ExitCode::failed;
}

/// All entries of a database; of none where there is no such file and `may_be_missing`.
Result<store::Entries> load_entries(const std::string& path, bool may_be_missing) {
    store::Entries entries;
    if (may_be_missing && !file_exists(path)) return entries;
    const auto database = store::LookupDatabase::open(path);
    if (!database) return database.error();
    const auto read = (*database)->each([&](std::string_view key, std::string_view value) {
        entries.emplace(key, value);
    });
    if (!read) return read.error();
    return entries;
}

// --- crdb ---

constexpr std::string_view crdb_facility = "CRDB";

void report(
    Console& console, const std::string& input, const std::vector<store::LineException>& exceptions
) {
    const auto file = std::make_shared<const std::string>(input);
    for (const store::LineException& exception : exceptions) {
        constexpr std::size_t quoted_octets = 500;
        Diagnostic finding;
        finding.where = {file, exception.line, exception.problem.at + 1};
        finding.code = exception.problem.code;
        finding.text = exception.problem.text;
        finding.line = exception.text.substr(0, quoted_octets);
        finding.hint = exception.problem.hint;
        console.explain(finding.to_string());
    }
}

void say_result(
    Invocation& invocation, const std::string& output, const store::DatabaseSource& source
) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    if (line.has("json")) {
        JsonLine json;
        json.add("database", output)
            .add("lines", source.lines)
            .add("added", source.added)
            .add("replaced", source.replaced)
            .add("duplicates", source.duplicates)
            .add("exceptions", static_cast<std::uint64_t>(source.exceptions.size()))
            .add("entries", static_cast<std::uint64_t>(source.entries.size()));
        console.line(json.to_string());
        return;
    }
    if (line.has("statistics")) {
        console.info(
            crdb_facility, "READ",
            std::to_string(source.lines) + " lines, " + std::to_string(source.added) +
                " entries added, " + std::to_string(source.replaced) +
                " of them replaced others, " + std::to_string(source.duplicates) + " duplicates, " +
                std::to_string(source.exceptions.size()) + " exceptions"
        );
    }
    console.success(
        crdb_facility, "WRITTEN", std::to_string(source.entries.size()) + " entries, " + output
    );
}

Result<void> write_exceptions(
    const std::string& path, const std::vector<store::LineException>& exceptions
) {
    std::string text;
    for (const store::LineException& exception : exceptions) text += exception.text + '\n';
    return replace_file(path, text);
}

/// Says after every group of lines how many they are by then, where that is wanted.
void say_count(Invocation& invocation, std::string_view text) {
    if (!invocation.line().has("count")) return;
    constexpr std::size_t group = 100;
    std::size_t lines = 0;
    for (const char c : text) {
        if (c != '\n' || ++lines % group != 0) continue;
        invocation.console().info(crdb_facility, "COUNT", std::to_string(lines) + " lines");
    }
}

ExitCode crdb(Invocation& invocation) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    const auto input = file_named(invocation, line.parameters()[0]);
    const auto output = file_named(invocation, line.parameters()[1]);
    if (!input) return failed(console, crdb_facility, "NAME", input.error());
    if (!output) return failed(console, crdb_facility, "NAME", output.error());
    const auto text = read_file(*input, store::limits::source);
    if (!text) return failed(console, crdb_facility, "NOTREAD", text.error());
    store::Entries before;
    if (line.has("append")) {
        auto loaded = load_entries(*output, true);
        if (!loaded) return failed(console, crdb_facility, "NOTREAD", loaded.error());
        before = std::move(*loaded);
    }
    say_count(invocation, *text);
    store::SourceRules rules;
    rules.syntax.quoted_keys = line.has("quoted");
    rules.syntax.remove_quotes = line.has("quoted") && line.has("remove");
    rules.syntax.strip_colons = line.has("strip_colons");
    rules.allow_duplicates = line.has("duplicates");
    const store::DatabaseSource source =
        store::read_database_source(*text, rules, std::move(before));
    report(console, *input, source.exceptions);
    const auto exception_file = line.value("exception_file");
    if (!source.exceptions.empty() && !exception_file) {
        console.error(
            crdb_facility, "EXCEPTIONS",
            std::to_string(source.exceptions.size()) + " lines cannot be taken; " + *output +
                " stays as it is"
        );
        return ExitCode::failed;
    }
    if (exception_file) {
        const auto path = file_named(invocation, std::string(*exception_file));
        if (!path) return failed(console, crdb_facility, "NAME", path.error());
        if (auto written = write_exceptions(*path, source.exceptions); !written)
            return failed(console, crdb_facility, "NOTWRITTEN", written.error());
    }
    if (auto made = make_directories(directory_of(*output)); !made)
        return failed(console, crdb_facility, "NOTWRITTEN", made.error());
    if (auto written = store::write_database(*output, source.entries); !written)
        return failed(console, crdb_facility, "NOTWRITTEN", written.error());
    say_result(invocation, *output, source);
    return exit_code_for(source.added, source.exceptions.size());
}

// --- dumpdb ---

ExitCode dumpdb(Invocation& invocation) {
    constexpr std::string_view facility = "DUMPDB";
    Console& console = invocation.console();
    const auto& parameters = invocation.line().parameters();
    const auto path = file_named(invocation, parameters[0]);
    if (!path) return failed(console, facility, "NAME", path.error());
    const auto database = store::LookupDatabase::open(*path);
    if (!database) return failed(console, facility, "NOTREAD", database.error());
    const bool as_json = invocation.line().has("json");
    std::string text;
    const auto read = (*database)->each([&](std::string_view key, std::string_view value) {
        if (as_json) {
            JsonLine json;
            json.add("key", key).add("value", value);
            text += json.to_string();
        } else {
            text += store::entry_line(key, value);
        }
        text += '\n';
    });
    if (!read) return failed(console, facility, "NOTREAD", read.error());
    if (parameters.size() < 2) {
        console.out() << text;
        return ExitCode::done;
    }
    const auto target = file_named(invocation, parameters[1]);
    if (!target) return failed(console, facility, "NAME", target.error());
    if (auto written = replace_file(*target, text); !written)
        return failed(console, facility, "NOTWRITTEN", written.error());
    console.success(
        facility, "WRITTEN", std::to_string((*database)->size()) + " entries, " + *target
    );
    return ExitCode::done;
}

// --- renamedb ---

ExitCode renamedb(Invocation& invocation) {
    constexpr std::string_view facility = "RENAMEDB";
    Console& console = invocation.console();
    const auto from = file_named(invocation, invocation.line().parameters()[0]);
    const auto to = file_named(invocation, invocation.line().parameters()[1]);
    if (!from) return failed(console, facility, "NAME", from.error());
    if (!to) return failed(console, facility, "NAME", to.error());
    // What is not intact shall not take the place of what is.
    const auto database = store::LookupDatabase::open(*from);
    if (!database) return failed(console, facility, "NOTREAD", database.error());
    if (std::rename(from->c_str(), to->c_str()) != 0)
        return failed(
            console, facility, "NOTRENAMED",
            Error::from_errno(errno, "rename " + *from + " to " + *to)
        );
    for (const std::string& path : {*to, *from}) {
        if (auto synced = sync_directory(directory_of(path)); !synced)
            return failed(console, facility, "NOTSYNCED", synced.error());
    }
    console.success(
        facility, "RENAMED",
        *to + ", " + std::to_string((*database)->size()) + " entries, is in use from now on"
    );
    return ExitCode::done;
}

constexpr Switch crdb_switches[] = {
    {"append", Switch::Value::none, "add to what the database holds"},
    {"count", Switch::Value::none, "say every hundred lines how many were read"},
    {"duplicates", Switch::Value::none, "a key may stand on several lines; the first counts"},
    {"exception_file", Switch::Value::required, "lines that cannot be taken go there"},
    {"json", Switch::Value::none, "one JSON object about the result"},
    {"long_records", Switch::Value::none, "accepted; keys and values have one limit each"},
    {"quoted", Switch::Value::none, "blanks between quotation marks belong to the key"},
    {"remove", Switch::Value::none, "with -quoted: keys are kept without their quotation marks"},
    {"statistics", Switch::Value::none, "say how many lines became what"},
    {"strip_colons", Switch::Value::none, "a colon at the end of a key is taken away"},
};
constexpr Switch dumpdb_switches[] = {
    {"json", Switch::Value::none, "one JSON object an entry"},
};

}  // namespace

const Command crdb_command = {
    .name = "crdb",
    .summary = "build a lookup database from text",
    .parameters = "input output",
    .switches = crdb_switches,
    .least_parameters = 2,
    .most_parameters = 2,
    .run = crdb,
};
const Command dumpdb_command = {
    .name = "dumpdb",
    .summary = "write a lookup database out as text",
    .parameters = "database [text-file]",
    .switches = dumpdb_switches,
    .least_parameters = 1,
    .most_parameters = 2,
    .run = dumpdb,
};
const Command renamedb_command = {
    .name = "renamedb",
    .summary = "put a newly built lookup database in place",
    .parameters = "old new",
    .least_parameters = 2,
    .most_parameters = 2,
    .run = renamedb,
};

}  // namespace sluice::utility
