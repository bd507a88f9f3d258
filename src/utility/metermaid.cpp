// imsimta metermaid: the tables in which call-outs count.
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "lookup/meter_tables.h"
#include "meter/key.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_layout.h"
#include "utility/qm_session.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

using meter::Record;
using meter::TableSettings;
using meter::TableType;

constexpr std::string_view facility = "METERMAID";

std::string_view word_of(TableType type) {
    static constexpr std::string_view words[] = {"throttle", "greylisting", "simple"};
    return words[static_cast<std::size_t>(type)];
}

std::string_view word_of(Record::Kind kind) {
    switch (kind) {
        case Record::Kind::window:
            return "counting";
        case Record::Kind::waiting:
            return "waiting";
        case Record::Kind::known:
            return "known";
        case Record::Kind::value:
            return "value";
    }
    return "value";
}

/// What the sub-commands share.
struct Tables {
    Tables(Invocation& its_invocation, enqueue::Runtime& runtime)
        : invocation(its_invocation),
          console(its_invocation.console()),
          settings(lookup::meter_settings(runtime.configuration())),
          backend(settings, runtime.store().clock()) {}

    const TableSettings* find(std::string_view name) {
        for (const TableSettings& table : settings.tables) {
            if (equals_ignoring_case(table.name, name)) return &table;
        }
        console.error(facility, "NOTABLE", "there is no table " + std::string(name));
        return nullptr;
    }
    ExitCode failed(const Error& error) {
        console.error(facility, "NOTUSABLE", error.detail());
        return ExitCode::failed;
    }
    [[nodiscard]] bool wants_json() const { return invocation.line().has("json"); }

    Invocation& invocation;
    Console& console;
    const meter::SharedBackend::Settings settings;
    meter::SharedBackend backend;
};

ExitCode list_tables(Tables& tables) {
    for (const TableSettings& table : tables.settings.tables) {
        std::uint64_t entries = 0;
        const auto counted =
            tables.backend.for_each(table, [&](std::string_view, const Record&) { ++entries; });
        if (!counted) return tables.failed(counted.error());
        if (tables.wants_json()) {
            JsonLine json;
            json.add("table", table.name)
                .add("type", word_of(table.type))
                .add("entries", entries)
                .add("max_entries", static_cast<std::uint64_t>(table.max_entries));
            tables.console.line(json.to_string());
        } else {
            tables.console.line(
                table.name + ' ' + std::string(word_of(table.type)) + ' ' +
                std::to_string(entries) + " of " + std::to_string(table.max_entries)
            );
        }
    }
    return ExitCode::done;
}

void print(Tables& tables, std::string_view key, const Record& record) {
    if (tables.wants_json()) {
        JsonLine json;
        json.add("key", key).add("state", word_of(record.kind)).add("since", record.since);
        if (record.kind == Record::Kind::window) json.add("count", record.count);
        if (record.kind == Record::Kind::value) json.add("value", record.value);
        tables.console.line(json.to_string());
        return;
    }
    std::string line = qm_date(record.since, TimeZone::system()) + ' ' + printable(key) + ' ' +
                       std::string(word_of(record.kind));
    if (record.kind == Record::Kind::window) line += ' ' + std::to_string(record.count);
    if (record.kind == Record::Kind::value) line += ' ' + printable(record.value);
    tables.console.line(line);
}

ExitCode show(Invocation& invocation, QmSession&, enqueue::Runtime& runtime) {
    Tables tables(invocation, runtime);
    const auto& words = invocation.line().parameters();
    if (words.empty()) return list_tables(tables);
    const TableSettings* const table = tables.find(words[0]);
    if (table == nullptr) return ExitCode::failed;
    const auto shown = tables.backend.for_each(
        *table, [&](std::string_view key, const Record& record) { print(tables, key, record); }
    );
    return shown ? ExitCode::done : tables.failed(shown.error());
}

ExitCode remove(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Tables tables(invocation, runtime);
    const auto& words = invocation.line().parameters();
    const TableSettings* const table = tables.find(words[0]);
    if (table == nullptr) return ExitCode::failed;
    const auto key = meter::key_of(*table, words[1]);
    if (!key) {
        tables.console.error(facility, "NOKEY", "no key of this table: " + printable(words[1]));
        return ExitCode::usage;
    }
    write_audit(invocation, session, runtime);
    bool was_there = false;
    const auto done =
        tables.backend.update(*table, *key, [&](const std::optional<Record>& before, WallTime) {
            was_there = before.has_value();
            return std::optional<Record>();
        });
    if (!done) return tables.failed(done.error());
    if (!was_there) {
        tables.console.error(facility, "NOENTRY", printable(*key) + " is not in the table");
        return ExitCode::failed;
    }
    tables.console.info(facility, "REMOVED", printable(*key) + " begins anew");
    return ExitCode::done;
}

constexpr std::array show_switches = {
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};

constexpr Command acts[] = {
    {.name = "remove",
     .summary = "forget a key of a table",
     .parameters = "table key",
     .least_parameters = 2,
     .most_parameters = 2,
     .run = with_queue<remove>},
    {.name = "show",
     .summary = "list the tables, or what is in one",
     .parameters = "[table]",
     .switches = show_switches,
     .most_parameters = 1,
     .run = with_queue<show>},
};

}  // namespace

const Command metermaid_command = {
    .name = "metermaid",
    .summary = "show and change the tables in which call-outs count",
    .switches = show_switches,
    .run = with_queue<show>,
    .subcommands = acts,
};

}  // namespace sluice::utility
