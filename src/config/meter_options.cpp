#include "config/meter_options.h"

#include <algorithm>
#include <array>
#include <optional>

#include "channel/period.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

using meter::TableSettings;
using meter::TableType;

constexpr std::string_view family = "METERMAID.";
constexpr std::string_view old_prefix = "METERMAID.TABLE.";
constexpr std::string_view new_prefix = "METERMAID.LOCAL_TABLE:";

/// "METERMAID.TABLE.CONNS.QUOTA" in its parts.
struct Name {
    std::string_view table;
    std::string_view option;
};

std::optional<Name> table_option(std::string_view name) {
    for (const std::string_view prefix : {old_prefix, new_prefix}) {
        if (!starts_with_ignoring_case(name, prefix)) continue;
        name.remove_prefix(prefix.size());
        const auto dot = name.find('.');
        if (dot == 0 || dot == std::string_view::npos) return std::nullopt;
        return Name{name.substr(0, dot), name.substr(dot + 1)};
    }
    return std::nullopt;
}

/// Fills one table from its options.
class TableReader {
public:
    TableReader(TableSettings& table, Diagnostics& diagnostics)
        : table_(table), diagnostics_(diagnostics) {}

    void take(std::string_view name, const std::string& full_name, const Options::Other& option) {
        setting_ = {full_name, option.value, option.where, option.value_where, option.line};
        for (const Row& row : rows) {
            if (equals_ignoring_case(row.name, name)) return (this->*row.read)();
        }
        std::vector<std::string_view> known;
        for (const Row& row : rows) known.push_back(row.name);
        const std::string_view nearest = nearest_name(name, known);
        diagnostics_.warning(
            option.where, "W405", "unknown option of a table: " + full_name + ", ignored",
            option.line, nearest.empty() ? "" : "did you mean " + to_upper(nearest) + "?"
        );
    }

    void finish() {
        if (!keys_) keys_ = table_.type == TableType::throttle;
        table_.keys_are_addresses = *keys_;
        if (table_.type == TableType::greylisting && table_.block_time >= table_.resubmit_time)
            diagnostics_.error(
                setting_.where, "E491",
                "table " + table_.name +
                    ": nobody can come again, BLOCK_TIME is not shorter than "
                    "RESUBMIT_TIME"
            );
    }

private:
    struct Row {
        std::string_view name;
        void (TableReader::*read)();
    };
    static const std::array<Row, 12> rows;

    void wrong(std::string_view expected) {
        diagnostics_.error(
            setting_.value_where, "E490",
            to_upper(setting_.name) + ": expected " + std::string(expected), setting_.line
        );
    }
    [[nodiscard]] bool says(std::string_view word) const {
        return equals_ignoring_case(trim(setting_.value), word);
    }
    void read_number(std::int64_t& number, IntegerRange range) {
        if (const auto value = integer_of(setting_, range, diagnostics_)) number = *value;
    }
    void read_time(std::chrono::seconds& time) {
        auto value = channel::parse_period(setting_.value);
        if (!value) value = parse_option_duration(setting_.value);
        if (!value || value->count() < 1) return wrong("a time such as 60, 5m or PT5M");
        time = *value;
    }

    void read_type() {
        if (says("throttle")) {
            table_.type = TableType::throttle;
        } else if (says("greylisting")) {
            table_.type = TableType::greylisting;
        } else if (says("simple")) {
            table_.type = TableType::simple;
        } else {
            wrong("throttle, greylisting or simple; tables of other machines are not supported");
        }
    }
    void read_data_type() {
        if (says("ipv4") || says("ip")) {
            keys_ = true;
        } else if (says("string")) {
            keys_ = false;
        } else {
            wrong("ipv4 or string");
        }
    }
    void read_value_type() {
        if (says("integer")) {
            table_.values_are_numbers = true;
        } else if (says("string")) {
            table_.values_are_numbers = false;
        } else {
            wrong("integer or string");
        }
    }
    void read_words() {
        for (std::string_view word : split(setting_.value, ',')) {
            word = trim(word);
            if (equals_ignoring_case(word, "nocase")) {
                table_.ignores_case = true;
            } else if (equals_ignoring_case(word, "penalize")) {
                table_.penalizes = true;
            } else if (!word.empty()) {
                wrong("nocase, penalize, or both with a comma in between");
            }
        }
    }
    void read_max_entries() { read_number(table_.max_entries, {1, meter::most_entries}); }
    void read_quota() { read_number(table_.quota, not_negative); }
    void read_quota_time() { read_time(table_.quota_time); }
    void read_block_time() { read_time(table_.block_time); }
    void read_resubmit_time() { read_time(table_.resubmit_time); }
    void read_inactivity_time() { read_time(table_.inactivity_time); }

    TableSettings& table_;
    Diagnostics& diagnostics_;
    Setting setting_;
    std::optional<bool> keys_;
};

const std::array<TableReader::Row, 12> TableReader::rows = {{
    {"TYPE", &TableReader::read_type},
    {"TABLE_TYPE", &TableReader::read_type},
    {"DATA_TYPE", &TableReader::read_data_type},
    {"VALUE_TYPE", &TableReader::read_value_type},
    {"OPTIONS", &TableReader::read_words},
    {"TABLE_OPTIONS", &TableReader::read_words},
    {"MAX_ENTRIES", &TableReader::read_max_entries},
    {"QUOTA", &TableReader::read_quota},
    {"QUOTA_TIME", &TableReader::read_quota_time},
    {"BLOCK_TIME", &TableReader::read_block_time},
    {"RESUBMIT_TIME", &TableReader::read_resubmit_time},
    {"INACTIVITY_TIME", &TableReader::read_inactivity_time},
}};

}  // namespace

MeterTables read_meter_tables(const Options& options, Diagnostics& diagnostics) {
    MeterTables tables;
    std::map<std::string, TableReader, LessIgnoringCase> readers;
    for (const auto& [name, option] : options.others()) {
        if (!starts_with_ignoring_case(name, family)) continue;
        const auto parts = table_option(name);
        if (!parts) {
            diagnostics.warning(
                option.where, "W490", "option " + name + " has no effect", option.line,
                "tables are set with METERMAID.TABLE.name.option"
            );
            continue;
        }
        const std::string table_name = to_lower(parts->table);
        TableSettings& table = tables[table_name];
        table.name = table_name;
        readers.try_emplace(table_name, table, diagnostics)
            .first->second.take(parts->option, name, option);
    }
    for (auto& [name, reader] : readers) reader.finish();
    return tables;
}

}  // namespace sluice::config
