#include "config/option_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sluice::config {

namespace {

std::optional<std::int64_t> parse_in_base(std::string_view digits, int base) {
    std::int64_t value = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
    if (digits.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

struct Unit {
    char letter;
    std::int64_t factor;
};
constexpr Unit time_units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
constexpr Unit octet_units[] = {{'k', 1L << 10}, {'m', 1L << 20}, {'g', 1L << 30}};

std::optional<std::int64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
    std::int64_t factor = 1;
    for (const auto& unit : units) {
        if (text.empty() || ascii_lower(text.back()) != unit.letter) continue;
        factor = unit.factor;
        text.remove_suffix(1);
        break;
    }
    const auto number = parse_option_integer(trim(text));
    if (!number || *number < 0 || *number > std::numeric_limits<std::int64_t>::max() / factor) {
        return std::nullopt;
    }
    return *number * factor;
}

// Number of letters to insert, delete or change; gives up beyond `most`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most) {
    if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > most) return most + 1;
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = ascii_lower(a[i]) == ascii_lower(b[j]) ? 0 : 1;
            const std::size_t next = std::min({row[j] + 1, row[j + 1] + 1, diagonal + changed});
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::int64_t> parse_option_integer(std::string_view text) {
    const std::size_t percent = text.find('%');
    if (percent == std::string_view::npos) return parse_signed(text);
    const auto base = parse_unsigned(text.substr(0, percent));
    if (!base || *base < 2 || *base > 36) return std::nullopt;
    return parse_in_base(text.substr(percent + 1), static_cast<int>(*base));
}

std::optional<bool> parse_option_boolean(std::string_view text) {
    for (const std::string_view yes : {"1", "TRUE", "YES"}) {
        if (equals_ignoring_case(text, yes)) return true;
    }
    for (const std::string_view no : {"0", "FALSE", "NO"}) {
        if (equals_ignoring_case(text, no)) return false;
    }
    return std::nullopt;
}

std::optional<double> parse_option_real(std::string_view text) {
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (text.empty() || error != std::errc{} || stop != end || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::chrono::seconds> parse_option_duration(std::string_view text) {
    const auto number = parse_with_unit(text, time_units);
    if (!number) return std::nullopt;
    return std::chrono::seconds(*number);
}

std::optional<std::int64_t> parse_option_octets(std::string_view text) {
    return parse_with_unit(text, octet_units);
}

void report_malformed(const Setting& setting, std::string_view expected, Diagnostics& diagnostics) {
    diagnostics.error(
        setting.value_where, "E405",
        to_upper(setting.name) + ": expected " + std::string(expected) + ", the default is kept",
        setting.line
    );
}

std::optional<std::int64_t> integer_of(
    const Setting& setting, IntegerRange range, Diagnostics& diagnostics
) {
    auto value = parse_option_integer(setting.value);
    if (!value) {
        if (const auto word = parse_option_boolean(setting.value)) value = *word ? 1 : 0;
    }
    if (!value) {
        report_malformed(setting, "an integer", diagnostics);
        return std::nullopt;
    }
    const std::int64_t clamped = std::clamp(*value, range.least, range.most);
    if (clamped != *value) {
        diagnostics.warning(
            setting.value_where, "W404",
            to_upper(setting.name) + ": " + std::to_string(*value) + " is out of range, " +
                std::to_string(clamped) + " is used",
            setting.line
        );
    }
    return clamped;
}

std::optional<bool> boolean_of(const Setting& setting, Diagnostics& diagnostics) {
    if (const auto word = parse_option_boolean(setting.value)) return word;
    // Any other number counts as set, as a mask of options would.
    if (const auto number = parse_option_integer(setting.value)) {
        diagnostics.warning(
            setting.value_where, "W404", to_upper(setting.name) + ": 0 or 1 is expected, 1 is used",
            setting.line
        );
        return *number != 0;
    }
    report_malformed(setting, "0 or 1", diagnostics);
    return std::nullopt;
}

std::optional<std::vector<std::int64_t>> integers_of(
    const Setting& setting, Diagnostics& diagnostics
) {
    std::vector<std::int64_t> numbers;
    for (const std::string_view field : split(setting.value, ',')) {
        const auto number = parse_option_integer(trim(field));
        if (!number) {
            report_malformed(setting, "integers between commas", diagnostics);
            return std::nullopt;
        }
        numbers.push_back(*number);
    }
    return numbers;
}

std::string_view nearest_name(std::string_view wanted, std::span<const std::string_view> known) {
    std::size_t best = std::max<std::size_t>(wanted.size() / 3, 1) + 1;
    if (wanted.size() > 64) return {};  // not a slip of the finger
    std::string_view nearest;
    for (const std::string_view name : known) {
        const std::size_t distance = edit_distance(wanted, name, best);
        if (distance >= best) continue;
        best = distance;
        nearest = name;
    }
    return nearest;
}

void report_unknown(
    const Setting& setting,
    std::string_view what,
    std::span<const std::string_view> known,
    Diagnostics& diagnostics
) {
    const std::string_view nearest = nearest_name(setting.name, known);
    std::string text = "unknown " + std::string(what) + " " + setting.name + ", ignored";
    std::string hint;
    if (!nearest.empty()) hint = "did you mean " + to_upper(nearest) + "?";
    diagnostics.warning(setting.where, "W405", std::move(text), setting.line, std::move(hint));
}

}  // namespace sluice::config
