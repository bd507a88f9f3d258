#include "queue/timestamp.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "base/bytes.h"

namespace sluice::queue {

namespace {

using std::chrono::floor;
using std::chrono::milliseconds;

constexpr std::string_view shape = "0000-00-00T00:00:00.000Z";

bool has_shape(std::string_view text) {
    if (text.size() != shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
    }
    return true;
}

unsigned number_at(std::string_view text, std::size_t at, std::size_t length) {
    return static_cast<unsigned>(*parse_unsigned(text.substr(at, length)));
}

}  // namespace

std::string format_timestamp(WallTime time) {
    const auto day = floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(floor<milliseconds>(time - day));
    std::array<char, 48> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count())
    );
    return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<WallTime> parse_timestamp(std::string_view text) {
    if (!has_shape(text)) return std::nullopt;
    const std::chrono::year_month_day date(
        std::chrono::year(static_cast<int>(number_at(text, 0, 4))),
        std::chrono::month(number_at(text, 5, 2)), std::chrono::day(number_at(text, 8, 2))
    );
    const unsigned hour = number_at(text, 11, 2);
    const unsigned minute = number_at(text, 14, 2);
    const unsigned second = number_at(text, 17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + std::chrono::seconds(second) +
           milliseconds(number_at(text, 20, 3));
}

}  // namespace sluice::queue
