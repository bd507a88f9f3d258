#include "utility/quantities.h"

#include <limits>
#include <set>

#include "base/bytes.h"

namespace sluice::utility {

namespace {

std::optional<std::uint64_t> times(std::uint64_t count, std::uint64_t unit, std::uint64_t most) {
    if (count > most / unit) return std::nullopt;
    return count * unit;
}

/// Takes exactly `digits` digits from the front.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    const auto number = parse_unsigned(text.substr(0, digits));
    if (!number) return std::nullopt;
    text.remove_prefix(digits);
    return static_cast<unsigned>(*number);
}

bool take(std::string_view& text, char c) {
    if (text.empty() || ascii_lower(text.front()) != ascii_lower(c)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::microseconds> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return std::chrono::microseconds(0);
    std::int64_t micros = 0;
    std::int64_t unit = 100'000;
    std::size_t digits = 0;
    while (!text.empty() && is_digit(text.front())) {
        micros += (text.front() - '0') * unit;
        unit /= 10;
        text.remove_prefix(1);
        ++digits;
    }
    if (digits == 0) return std::nullopt;
    return std::chrono::microseconds(micros);
}

/// How far the local time is ahead of UTC.
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
    if (take(text, 'Z')) return std::chrono::minutes(0);
    const bool west = !text.empty() && text.front() == '-';
    if (!west && (text.empty() || text.front() != '+')) return std::nullopt;
    text.remove_prefix(1);
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    const std::chrono::minutes offset(*hour * 60 + *minute);
    return west ? -offset : offset;
}

/// RFC 3339 section 5.6.
std::optional<WallTime> parse_instant(std::string_view text) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day || (!take(text, 'T') && !take(text, ' '))) return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second || *second > 60) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    const std::chrono::year_month_day date(
        std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
        std::chrono::day(*day)
    );
    if (!date.ok()) return std::nullopt;
    return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
           std::chrono::minutes(*minute) + std::chrono::seconds(*second) + *fraction - *offset;
}

}  // namespace

std::optional<std::chrono::seconds> parse_age(std::string_view text) {
    if (text.size() < 2) return std::nullopt;
    const auto count = parse_unsigned(text.substr(0, text.size() - 1));
    if (!count) return std::nullopt;
    std::uint64_t unit = 0;
    switch (ascii_lower(text.back())) {
        case 's':
            unit = 1;
            break;
        case 'm':
            unit = 60;
            break;
        case 'h':
            unit = 3600;
            break;
        case 'd':
            unit = 86400;
            break;
        case 'w':
            unit = std::uint64_t{7} * 86400;
            break;
        default:
            return std::nullopt;
    }
    constexpr std::uint64_t thousand_years = 31'556'952'000;
    const auto seconds = times(*count, unit, thousand_years);
    if (!seconds) return std::nullopt;
    return std::chrono::seconds(static_cast<std::int64_t>(*seconds));
}

std::optional<WallTime> parse_moment(std::string_view text, WallTime now) {
    if (const auto age = parse_age(text)) return now - *age;
    return parse_instant(text);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::uint64_t unit = 1;
    switch (ascii_lower(text.back())) {
        case 'k':
            unit = 1ULL << 10U;
            break;
        case 'm':
            unit = 1ULL << 20U;
            break;
        case 'g':
            unit = 1ULL << 30U;
            break;
        default:
            break;
    }
    if (unit != 1) text.remove_suffix(1);
    const auto count = parse_unsigned(text);
    if (!count) return std::nullopt;
    return times(*count, unit, std::numeric_limits<std::uint64_t>::max());
}

std::optional<std::vector<std::size_t>> parse_id_list(std::string_view text) {
    std::set<std::size_t> ids;
    for (const std::string_view part : split(text, ',')) {
        const std::size_t dash = part.find('-');
        const auto first = parse_unsigned(part.substr(0, dash));
        const auto last =
            dash == std::string_view::npos ? first : parse_unsigned(part.substr(dash + 1));
        if (!first || !last || *first == 0 || *last < *first) return std::nullopt;
        if (*last > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
        if (*last - *first >= max_ids) return std::nullopt;
        for (std::uint64_t id = *first; id <= *last; ++id) ids.insert(ids.end(), id);
        if (ids.size() > max_ids) return std::nullopt;
    }
    return std::vector<std::size_t>(ids.begin(), ids.end());
}

}  // namespace sluice::utility
