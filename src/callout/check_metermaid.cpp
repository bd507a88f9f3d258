#include "callout/check_metermaid.h"

#include <limits>
#include <optional>

#include "meter/key.h"
#include "meter/rules.h"

namespace sluice::callout {

using mapping::Answer;
using meter::Record;
using meter::TableSettings;
using meter::TableType;

namespace {

/// One call: the table and what follows the key.
struct Call {
    const TableSettings& table;
    std::string key;
    std::string_view rest;
    meter::Backend& backend;
};
using Act = Answer (*)(const Call&);

/// How an argument is divided. Keys may have commas in them, so what follows a key is what stands
/// behind the last ones; only a value may have them too, and then keys may not.
enum class Form : std::uint8_t { key, key_and_value, key_and_one, key_and_two };

struct RoutineRow {
    std::string_view name;
    Form form;
    Act act;
};

Answer yes() {
    return Answer::literal({});
}
Answer yes_if(bool condition) {
    return condition ? yes() : Answer::none();
}

Answer throttle(const Call& call) {
    if (call.table.type != TableType::throttle) return Answer::none();
    bool exceeded = false;
    const auto done = call.backend.update(
        call.table, call.key,
        [&](const std::optional<Record>& before, WallTime now) -> std::optional<Record> {
            meter::Throttled result = meter::count_event(call.table, before, now);
            exceeded = result.exceeded;
            return result.record;
        }
    );
    return yes_if(done && exceeded);
}

Answer greylisting(const Call& call) {
    if (call.table.type != TableType::greylisting) return Answer::none();
    auto greeting = meter::Greeting::known;
    const auto done = call.backend.update(
        call.table, call.key,
        [&](const std::optional<Record>& before, WallTime now) -> std::optional<Record> {
            meter::Greeted result = meter::greet(call.table, before, now);
            greeting = result.greeting;
            return result.record;
        }
    );
    Answer answer = yes_if(done && greeting != meter::Greeting::known);
    if (done) answer.remark = meter::remark_of(greeting);
    return answer;
}

bool is_value(const std::optional<Record>& record) {
    return record && record->kind == Record::Kind::value;
}

Answer query(const Call& call) {
    Answer answer = Answer::none();
    // Nothing is changed: what was there comes back.
    const auto done = call.backend.update(
        call.table, call.key,
        [&](const std::optional<Record>& before, WallTime now) {
            switch (call.table.type) {
                case TableType::throttle:
                    answer = yes_if(meter::is_exceeded(call.table, before, now));
                    break;
                case TableType::greylisting:
                    answer = yes_if(
                        meter::greet(call.table, before, now).greeting != meter::Greeting::known
                    );
                    break;
                case TableType::simple:
                    answer = yes_if(is_value(before));
                    break;
            }
            return before;
        }
    );
    return done ? answer : Answer::none();
}

Answer fetch(const Call& call) {
    const auto found = call.backend.find(call.table, call.key);
    if (!found || !is_value(*found)) return Answer::none();
    return Answer::literal((*found)->value);
}

/// An entry of a simple table. It goes when the table is full and it is the one that was stored
/// first.
Record value_record(std::string value, WallTime now) {
    return {Record::Kind::value, now, now, 0, std::move(value)};
}

Answer store(const Call& call) {
    const bool is_fit = call.table.type == TableType::simple &&
                        call.rest.size() <= meter::longest_value &&
                        (!call.table.values_are_numbers || parse_signed(trim(call.rest)));
    if (!is_fit) return Answer::none();
    const std::string value(call.table.values_are_numbers ? trim(call.rest) : call.rest);
    const auto done = call.backend.update(
        call.table, call.key,
        [&](const std::optional<Record>&, WallTime now) -> std::optional<Record> {
            return value_record(value, now);
        }
    );
    return yes_if(done.has_value());
}

Answer remove(const Call& call) {
    const auto done =
        call.backend.update(call.table, call.key, [](const std::optional<Record>&, WallTime) {
            return std::optional<Record>();
        });
    return yes_if(done.has_value());
}

std::optional<std::int64_t> signed_number(std::string_view text) {
    text = trim(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    return parse_signed(text);
}

/// nullopt: the value is there and no number.
std::optional<std::int64_t> number_of(const std::optional<Record>& record) {
    if (!is_value(record)) return 0;
    return parse_signed(record->value);
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    if (!__builtin_add_overflow(a, b, &result)) return result;
    using Limits = std::numeric_limits<std::int64_t>;
    return b > 0 ? Limits::max() : Limits::min();
}

/// The new value; nullopt: an error.
std::optional<std::int64_t> adjusted(const Call& call, std::string_view by) {
    const auto change = signed_number(by);
    if (!change || call.table.type != TableType::simple) return std::nullopt;
    std::optional<std::int64_t> value;
    const auto done = call.backend.update(
        call.table, call.key,
        [&](const std::optional<Record>& before, WallTime now) -> std::optional<Record> {
            value = number_of(before);
            if (!value) return before;
            value = sum(*value, *change);
            return value_record(std::to_string(*value), now);
        }
    );
    return done ? value : std::nullopt;
}

Answer adjust(const Call& call) {
    return yes_if(adjusted(call, call.rest).has_value());
}

/// "> 10"; nullopt: no comparison.
std::optional<bool> compare(std::int64_t value, std::string_view expression) {
    expression = trim(expression);
    const auto operation = expression.substr(0, expression.find_first_not_of("<>="));
    const auto number = signed_number(expression.substr(operation.size()));
    if (!number) return std::nullopt;
    if (operation == "=") return value == *number;
    if (operation == ">") return value > *number;
    if (operation == ">=") return value >= *number;
    if (operation == "<") return value < *number;
    if (operation == "<=") return value <= *number;
    return std::nullopt;
}

Answer test(const Call& call) {
    const auto found = call.backend.find(call.table, call.key);
    if (!found || call.table.type != TableType::simple) return Answer::none();
    const auto value = number_of(*found);
    return yes_if(value && compare(*value, call.rest).value_or(false));
}

Answer adjust_and_test(const Call& call) {
    const auto comma = call.rest.find(',');
    if (comma == std::string_view::npos) return Answer::none();
    const std::string_view expression = call.rest.substr(comma + 1);
    if (!compare(0, expression)) return Answer::none();
    const auto value = adjusted(call, call.rest.substr(0, comma));
    return yes_if(value && compare(*value, expression).value_or(false));
}

constexpr RoutineRow routines[] = {
    {"throttle", Form::key, throttle},     {"greylisting", Form::key, greylisting},
    {"query", Form::key, query},           {"fetch", Form::key, fetch},
    {"store", Form::key_and_value, store}, {"adjust", Form::key_and_one, adjust},
    {"test", Form::key_and_one, test},     {"adjust_and_test", Form::key_and_two, adjust_and_test},
    {"remove", Form::key, remove},
};

/// Where the key ends; npos: the argument has not enough fields.
std::size_t end_of_key(std::string_view text, Form form) {
    switch (form) {
        case Form::key:
            return text.size();
        case Form::key_and_value:
            return text.find(',');
        case Form::key_and_one:
            return text.rfind(',');
        case Form::key_and_two: {
            const auto last = text.rfind(',');
            const bool has_two = last != std::string_view::npos && last > 0;
            return has_two ? text.rfind(',', last - 1) : std::string_view::npos;
        }
    }
    return std::string_view::npos;
}

class MeterRoutine final : public Routine {
public:
    MeterRoutine(
        const RoutineRow& row, const MeterTables& tables, std::function<meter::Backend&()> backend
    )
        : row_(row), tables_(tables), backend_(std::move(backend)) {}

    /// Another process may hold the tables, and what is counted is written to a file.
    [[nodiscard]] bool may_block() const override { return true; }

    Answer call(std::string_view argument) override {
        const auto comma = argument.find(',');
        if (comma == std::string_view::npos) return Answer::none();
        const auto table = tables_.find(trim(argument.substr(0, comma)));
        if (table == tables_.end()) return Answer::none();
        const std::string_view text = argument.substr(comma + 1);
        const auto end = end_of_key(text, row_.form);
        if (end == std::string_view::npos) return Answer::none();
        auto key = meter::key_of(table->second, text.substr(0, end));
        if (!key) return Answer::none();
        const auto rest = text.substr(std::min(end + 1, text.size()));
        return row_.act({table->second, std::move(*key), rest, backend_()});
    }

private:
    const RoutineRow& row_;
    const MeterTables& tables_;
    const std::function<meter::Backend&()> backend_;
};

}  // namespace

void add_meter_routines(
    Registry& registry, const MeterTables& tables, std::function<meter::Backend&()> backend
) {
    for (const RoutineRow& row : routines)
        registry.add(
            "check_metermaid", row.name, std::make_unique<MeterRoutine>(row, tables, backend)
        );
}

}  // namespace sluice::callout
