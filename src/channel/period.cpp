#include "channel/period.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace sluice::channel {

namespace {

struct Unit {
    char letter;
    std::int64_t seconds;
};
constexpr std::int64_t day = 86400;
constexpr std::int64_t year = 365 * day;
constexpr std::int64_t longest = 100 * year;
constexpr std::array<Unit, 4> date_units{
    {{'Y', year}, {'M', 30 * day}, {'W', 7 * day}, {'D', day}}};
constexpr std::array<Unit, 3> time_units{{{'H', 3600}, {'M', 60}, {'S', 1}}};

// Adds the fields of one half; each unit at most once and in its order. False where none was there
// or anything is left over.
bool add_fields(std::string_view text, std::span<const Unit> units, std::int64_t& total) {
    std::size_t next_unit = 0;
    bool any = false;
    while (!text.empty()) {
        std::size_t digits = 0;
        while (digits < text.size() && is_digit(text[digits])) ++digits;
        const auto count = parse_unsigned(text.substr(0, digits));
        if (!count || *count > static_cast<std::uint64_t>(longest) || digits == text.size()) {
            return false;
        }
        const char letter = ascii_upper(text[digits]);
        while (next_unit < units.size() && units[next_unit].letter != letter) ++next_unit;
        if (next_unit == units.size()) return false;
        const std::int64_t unit = units[next_unit++].seconds;
        const auto number = static_cast<std::int64_t>(*count);
        if (number > (longest - total) / unit) return false;
        total += number * unit;
        any = true;
        text.remove_prefix(digits + 1);
    }
    return any;
}

}  // namespace

std::optional<std::chrono::seconds> parse_period(std::string_view text) {
    if (text.empty() || ascii_upper(text.front()) != 'P') return std::nullopt;
    text.remove_prefix(1);
    const std::size_t t = text.find_first_of("Tt");
    const std::string_view date = text.substr(0, t);
    std::int64_t total = 0;
    if (!date.empty() && !add_fields(date, date_units, total)) return std::nullopt;
    if (t != std::string_view::npos && !add_fields(text.substr(t + 1), time_units, total)) {
        return std::nullopt;
    }
    if (total == 0) return std::nullopt;
    return std::chrono::seconds(total);
}

}  // namespace sluice::channel
