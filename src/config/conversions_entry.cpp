#include "config/conversions_entry.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "conversion/environment.h"
#include "conversion/value.h"
#include "message/transfer_encoding.h"

namespace sluice::config {

using conversion::Entry;
using conversion::Field;
using conversion::OutClauses;
using conversion::ParameterHome;
using Taken = ConversionsEntryBuilder::Taken;

namespace {

struct ConditionRow {
    std::string_view name;
    Field field;
};
constexpr ConditionRow condition_rows[] = {
    {"IN-CHAN", Field::in_channel},
    {"IN-CHANNEL", Field::in_channel},
    {"OUT-CHAN", Field::out_channel},
    {"OUT-CHANNEL", Field::out_channel},
    {"IN-TYPE", Field::type},
    {"IN-SUBTYPE", Field::subtype},
    {"IN-DESCRIPTION", Field::description},
    {"IN-DISPOSITION", Field::disposition},
    {"IN-SUBJECT", Field::subject},
    {"IN-A1-FORMAT", Field::a1_format},
    {"IN-A1-TYPE", Field::a1_type},
    {"PART-NUMBER", Field::part_number},
    {"TAG", Field::tag},
};

struct OutputRow {
    std::string_view name;
    std::optional<std::string> OutClauses::*member;
};
constexpr OutputRow output_rows[] = {
    {"OUT-TYPE", &OutClauses::type},
    {"OUT-SUBTYPE", &OutClauses::subtype},
    {"OUT-DESCRIPTION", &OutClauses::description},
    {"OUT-DISPOSITION", &OutClauses::disposition},
    {"OUT-ENCODING", &OutClauses::encoding},
    {"OUT-MODE", &OutClauses::mode},
};

struct FlagRow {
    std::string_view name;
    bool Entry::*member;
};
constexpr FlagRow flag_rows[] = {
    {"DELETE", &Entry::deletes},
    {"RELABEL", &Entry::relabels},
    {"ORIGINAL-HEADER-FILE", &Entry::original_header_file},
    {"OVERRIDE-HEADER-FILE", &Entry::override_header_file},
    {"OVERRIDE-OPTION-FILE", &Entry::override_option_file},
};

constexpr std::string_view numbered_names[] = {
    "IN-PARAMETER-NAME-n",    "IN-PARAMETER-VALUE-n",  "IN-PARAMETER-DEFAULT-n",
    "IN-DPARAMETER-NAME-n",   "IN-DPARAMETER-VALUE-n", "IN-DPARAMETER-DEFAULT-n",
    "OUT-PARAMETER-NAME-n",   "OUT-PARAMETER-VALUE-n", "OUT-DPARAMETER-NAME-n",
    "OUT-DPARAMETER-VALUE-n", "PARAMETER-COPY-n",      "DPARAMETER-COPY-n",
    "PARAMETER-SYMBOL-n",     "DPARAMETER-SYMBOL-n",
};

bool has_symbols(const std::string& value) {
    return value.find('\'') != std::string::npos;
}

template <class Row, std::size_t Size>
const Row* find_row(const Row (&rows)[Size], std::string_view name) {
    const auto found = std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) {
        return row.name == name;
    });
    return found != std::end(rows) ? found : nullptr;
}

}  // namespace

const std::vector<std::string_view>& ConversionsEntryBuilder::known_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all{"COMMAND", "SERVICE-COMMAND", "MESSAGE-HEADER-FILE"};
        for (const auto& row : condition_rows) all.push_back(row.name);
        for (const auto& row : output_rows) all.push_back(row.name);
        for (const auto& row : flag_rows) all.push_back(row.name);
        all.insert(all.end(), std::begin(numbered_names), std::end(numbered_names));
        return all;
    }();
    return names;
}

Taken ConversionsEntryBuilder::bad(std::string problem) {
    problem_ = std::move(problem);
    return Taken::bad_value;
}

Taken ConversionsEntryBuilder::take(std::string_view name, const std::string& value) {
    Taken taken = Taken::yes;
    if (name == "COMMAND") {
        entry_.command = value;
        if (trim(value).empty()) taken = bad("an empty command");
    } else if (name == "SERVICE-COMMAND") {
        entry_.service_command = value;
    } else if (name == "MESSAGE-HEADER-FILE") {
        const auto number = parse_unsigned(value);
        if (!number || *number > 2) return bad("MESSAGE-HEADER-FILE is 0, 1 or 2");
        entry_.message_header_file = static_cast<unsigned>(*number);
    } else if (!take_flag(name, value, taken) && !take_condition(name, value) && !take_output(name, value, taken) && !take_numbered(name, value, taken)) {
        return Taken::unknown_name;
    }
    if (++seen_[std::string(name)] > 1 && taken == Taken::yes) return Taken::twice;
    return taken;
}

bool ConversionsEntryBuilder::take_flag(
    std::string_view name, const std::string& value, Taken& taken
) {
    const FlagRow* row = find_row(flag_rows, name);
    if (row == nullptr) return false;
    if (value != "0" && value != "1") taken = bad(std::string(name) + " is 0 or 1");
    entry_.*row->member = value == "1";
    return true;
}

bool ConversionsEntryBuilder::take_condition(std::string_view name, const std::string& value) {
    const ConditionRow* row = find_row(condition_rows, name);
    if (row == nullptr) return false;
    auto& conditions = entry_.conditions;
    std::erase_if(conditions, [&](const auto& one) { return one.field == row->field; });
    conditions.push_back({row->field, value});
    return true;
}

bool ConversionsEntryBuilder::take_output(
    std::string_view name, const std::string& value, Taken& taken
) {
    const OutputRow* row = find_row(output_rows, name);
    if (row == nullptr) return false;
    entry_.out.*row->member = value;
    if (has_symbols(value)) return true;
    if (name == "OUT-ENCODING" &&
        message::parse_transfer_encoding(value) == message::TransferEncoding::unknown)
        taken = bad("OUT-ENCODING is 7BIT, 8BIT, BINARY, QUOTED-PRINTABLE or BASE64");
    if (name == "OUT-MODE" && !equals_ignoring_case(value, "TEXT") &&
        !equals_ignoring_case(value, "BLOCK"))
        taken = bad("OUT-MODE is TEXT or BLOCK");
    return true;
}

bool ConversionsEntryBuilder::take_numbered(
    std::string_view name, const std::string& value, Taken& taken
) {
    if (name.size() < 3 || !is_digit(name.back()) || name[name.size() - 2] != '-') return false;
    const auto number = static_cast<unsigned>(name.back() - '0');
    std::string_view base = name.substr(0, name.size() - 2);
    const auto take_prefix = [&](std::string_view prefix) {
        if (!base.starts_with(prefix)) return false;
        base.remove_prefix(prefix.size());
        return true;
    };
    const bool in = take_prefix("IN-");
    const bool out = !in && take_prefix("OUT-");
    const ParameterHome home = take_prefix("D") ? ParameterHome::disposition : ParameterHome::type;
    if (!take_prefix("PARAMETER-")) return false;
    if (in || out) {
        Numbered& numbered = (in ? in_ : out_)[home];
        if (base == "NAME") {
            numbered.names[number] = value;
        } else if (base == "VALUE") {
            numbered.values[number] = value;
        } else if (in && base == "DEFAULT") {
            numbered.defaults[number] = value;
        } else {
            return false;
        }
        return true;
    }
    if (base == "COPY") {
        entry_.copies.push_back({home, value});
        return true;
    }
    if (base != "SYMBOL") return false;
    if (!conversion::is_symbol_name(value) || conversion::is_reserved_symbol(value))
        taken = bad("no variable of a command may have the name " + value);
    symbols_[home][number] = value;
    return true;
}

void ConversionsEntryBuilder::finish_parameters(ParameterHome home, const Report& report) {
    const std::string family = home == ParameterHome::disposition ? "-DPARAMETER-" : "-PARAMETER-";
    const auto check = [&](const Numbered& numbered, const std::map<unsigned, std::string>& others,
                           const std::string& direction, const std::string& word) {
        for (const auto& other : others) {
            if (numbered.names.contains(other.first)) continue;
            const std::string n = std::to_string(other.first);
            report(
                "E_CLAUSE",
                direction + family + word + '-' + n + " without " + direction + family + "NAME-" + n
            );
        }
    };
    const Numbered& in = in_[home];
    check(in, in.values, "IN", "VALUE");
    check(in, in.defaults, "IN", "DEFAULT");
    for (const auto& [number, name] : in.names) {
        conversion::ParameterCondition condition{home, number, name, "*", {}};
        if (const auto found = in.values.find(number); found != in.values.end())
            condition.pattern = found->second;
        if (const auto found = in.defaults.find(number); found != in.defaults.end())
            condition.fallback = found->second;
        entry_.parameter_conditions.push_back(std::move(condition));
    }
    const Numbered& out = out_[home];
    check(out, out.values, "OUT", "VALUE");
    for (const auto& [number, name] : out.names) {
        const auto value = out.values.find(number);
        if (value == out.values.end()) {
            const std::string n = std::to_string(number);
            report(
                "E_CLAUSE", "OUT" + family + "NAME-" + n + " without OUT" + family + "VALUE-" + n
            );
            continue;
        }
        entry_.out.parameters.push_back({home, name, value->second});
    }
    for (const auto& [number, symbol] : symbols_[home]) {
        const auto selected = in.names.find(number);
        entry_.symbols.push_back(
            {home, symbol, selected != in.names.end() ? selected->second : symbol}
        );
    }
}

Entry ConversionsEntryBuilder::finish(const Report& report) {
    finish_parameters(ParameterHome::type, report);
    finish_parameters(ParameterHome::disposition, report);
    if (entry_.command && entry_.deletes)
        report("E_CONFLICT", "COMMAND and DELETE in one entry: a part is converted or deleted");
    if (entry_.command && entry_.service_command)
        report("E_CONFLICT", "COMMAND and SERVICE-COMMAND in one entry: write two entries");
    if (!entry_.command && !entry_.service_command && !entry_.deletes && !entry_.relabels &&
        !entry_.out.any())
        report("E_EMPTY", "the entry does nothing: no COMMAND, DELETE, RELABEL or OUT- clause");
    return std::move(entry_);
}

}  // namespace sluice::config
