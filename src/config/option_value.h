#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "config/option_file.h"

// From the text of an option to its value. Every function that takes a Setting reports what it
// does not like and says what it does instead. Codes: E405 malformed value, W404 clamped, W405
// unknown name.
namespace sluice::config {

/// Bounds of an integer option, both included.
struct IntegerRange {
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
};
inline constexpr IntegerRange any_integer{};
inline constexpr IntegerRange not_negative{0, std::numeric_limits<std::int64_t>::max()};
inline constexpr IntegerRange at_least_one{1, std::numeric_limits<std::int64_t>::max()};

/// "17", "-1", or base%digits with the base in decimal, 2 to 36: "16%FF" is 255.
std::optional<std::int64_t> parse_option_integer(std::string_view text);
/// 0 1 TRUE FALSE YES NO.
std::optional<bool> parse_option_boolean(std::string_view text);
/// "0.5", "10", "-1.25"; no exponents.
std::optional<double> parse_option_real(std::string_view text);
/// A number with unit s m h d w, "90" alone is seconds: "3d", "4h", "90s".
std::optional<std::chrono::seconds> parse_option_duration(std::string_view text);
/// A number with unit K M G (of 1024), alone is octets: "64M".
std::optional<std::int64_t> parse_option_octets(std::string_view text);

/// Malformed: reported, nullopt. Out of range: reported, the nearer bound.
std::optional<std::int64_t> integer_of(
    const Setting& setting, IntegerRange range, Diagnostics& diagnostics
);
std::optional<bool> boolean_of(const Setting& setting, Diagnostics& diagnostics);
/// Integers between commas.
std::optional<std::vector<std::int64_t>> integers_of(
    const Setting& setting, Diagnostics& diagnostics
);

/// "malformed number" and its relatives; `expected` finishes "expected ...".
void report_malformed(const Setting& setting, std::string_view expected, Diagnostics& diagnostics);
/// W405 with "did you mean" where a known name is near. Known names in any case.
void report_unknown(
    const Setting& setting,
    std::string_view what,
    std::span<const std::string_view> known,
    Diagnostics& diagnostics
);

/// The known name nearest to `wanted` (at most a third of its letters changed), in its own
/// spelling; empty if none is near. Case does not count.
std::string_view nearest_name(std::string_view wanted, std::span<const std::string_view> known);

/// One row of a table that binds option names to members of `Target`.
template <class Target>
struct Field {
    using Member = std::variant<
        std::int64_t Target::*,
        bool Target::*,
        std::string Target::*,
        std::chrono::seconds Target::*,
        std::optional<std::int64_t> Target::*,
        std::optional<std::string> Target::*>;
    std::string_view name;
    Member member;
    IntegerRange range = any_integer;
};

/// Puts the setting's value into the row's member. Seconds members take plain integers.
template <class Target>
void assign(
    const Field<Target>& field, const Setting& setting, Target& target, Diagnostics& diagnostics
) {
    struct Visitor {
        const Field<Target>& field;
        const Setting& setting;
        Target& target;
        Diagnostics& diagnostics;

        void operator()(bool Target::*member) const {
            if (const auto value = boolean_of(setting, diagnostics)) target.*member = *value;
        }
        void operator()(std::string Target::*member) const { target.*member = setting.value; }
        void operator()(std::optional<std::string> Target::*member) const {
            target.*member = setting.value;
        }
        void operator()(std::int64_t Target::*member) const {
            if (const auto value = number()) target.*member = *value;
        }
        void operator()(std::optional<std::int64_t> Target::*member) const {
            if (const auto value = number()) target.*member = *value;
        }
        void operator()(std::chrono::seconds Target::*member) const {
            if (const auto value = number()) target.*member = std::chrono::seconds(*value);
        }
        [[nodiscard]] std::optional<std::int64_t> number() const {
            return integer_of(setting, field.range, diagnostics);
        }
    };
    std::visit(Visitor{field, setting, target, diagnostics}, field.member);
}

/// The row of that name, nullptr if there is none.
template <class Target, std::size_t Size>
const Field<Target>* find_field(const Field<Target> (&table)[Size], std::string_view name) {
    for (const auto& field : table) {
        if (equals_ignoring_case(field.name, name)) return &field;
    }
    return nullptr;
}

}  // namespace sluice::config
