#include "message/date_form.h"

#include <array>
#include <chrono>

#include "base/bytes.h"

namespace sluice::message {

namespace {

constexpr std::array<std::string_view, 7> day_names = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Word {
    std::size_t offset = 0;
    std::string_view text;
};

/// The next word from `at` on; `at` is behind it afterwards.
Word next_word(std::string_view value, std::size_t& at) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = std::min(value.find_first_not_of(blanks, at), value.size());
    const std::size_t end = std::min(value.find_first_of(" \t\r\n,", begin), value.size());
    at = end;
    return {begin, value.substr(begin, end - begin)};
}

template <std::size_t N>
std::optional<unsigned> index_in(
    const std::array<std::string_view, N>& names, std::string_view word
) {
    for (unsigned i = 0; i < N; ++i) {
        if (equals_ignoring_case(names[i], word.substr(0, 3))) return i;
    }
    return std::nullopt;
}

// RFC 5322 section 4.3: two digits below 50 are of this century, three are years since 1900.
std::uint64_t full_year(std::uint64_t year, std::size_t digits) {
    if (digits == 2) return year + (year < 50 ? 2000 : 1900);
    return digits == 3 ? year + 1900 : year;
}

std::string_view day_of_week(std::uint64_t year, unsigned month, unsigned day) {
    const std::chrono::year_month_day date{
        std::chrono::year(static_cast<int>(year)), std::chrono::month(month + 1),
        std::chrono::day(day)};
    if (!date.ok()) return {};
    return day_names[std::chrono::weekday(std::chrono::sys_days(date)).c_encoding()];
}

/// The parts of a date, where they stand.
struct DateParts {
    std::size_t begin = 0;  ///< of the day of the week, else of the day
    bool has_weekday = false;
    Word day;
    Word year;
    unsigned month = 0;
    std::uint64_t full_year = 0;
    std::size_t end = 0;  ///< of the year
};

std::optional<DateParts> find_parts(std::string_view value) {
    DateParts parts;
    std::size_t at = 0;
    const Word first = next_word(value, at);
    parts.begin = first.offset;
    const std::size_t comma = value.find_first_not_of(" \t\r\n", at);
    parts.has_weekday = comma != std::string_view::npos && value[comma] == ',';
    if (parts.has_weekday) {
        if (!index_in(day_names, first.text)) return std::nullopt;
        at = comma + 1;
    }
    parts.day = parts.has_weekday ? next_word(value, at) : first;
    const auto day = parse_unsigned(parts.day.text);
    const auto month = index_in(month_names, next_word(value, at).text);
    parts.year = next_word(value, at);
    const auto year = parse_unsigned(parts.year.text);
    const std::size_t digits = parts.year.text.size();
    if (!day || *day < 1 || *day > 31 || !month || !year || digits < 2 || digits > 4)
        return std::nullopt;
    parts.month = *month;
    parts.full_year = full_year(*year, digits);
    parts.end = at;
    return parts;
}

std::string year_text(const DateParts& parts, DateForm::Year form) {
    const std::string full = std::to_string(parts.full_year);
    if (form == DateForm::Year::four_digits && parts.year.text.size() < 4) return full;
    if (form == DateForm::Year::two_digits && full.size() == 4) return full.substr(2);
    return std::string(parts.year.text);
}

/// "19:16" or "19:16:57"; a leap second counts as the one before.
std::optional<std::chrono::seconds> time_of_day(std::string_view text) {
    std::array<std::uint64_t, 3> numbers{};
    std::size_t count = 0;
    while (count < numbers.size()) {
        const std::size_t colon = std::min(text.find(':'), text.size());
        const auto number = parse_unsigned(text.substr(0, colon));
        if (!number || colon != 2) return std::nullopt;
        numbers[count++] = *number;
        if (colon == text.size()) break;
        text.remove_prefix(colon + 1);
        if (count == numbers.size()) return std::nullopt;
    }
    const auto [hours, minutes, seconds] = numbers;
    if (count < 2 || hours > 23 || minutes > 59 || seconds > 60) return std::nullopt;
    return std::chrono::hours(hours) + std::chrono::minutes(minutes) +
           std::chrono::seconds(std::min<std::uint64_t>(seconds, 59));
}

/// East of Greenwich.
std::chrono::minutes zone_offset(std::string_view zone) {
    if (zone.size() == 5 && (zone[0] == '+' || zone[0] == '-')) {
        const auto number = parse_unsigned(zone.substr(1));
        if (!number || *number % 100 > 59) return {};
        const std::chrono::minutes offset(static_cast<long>(*number / 100 * 60 + *number % 100));
        return zone[0] == '-' ? -offset : offset;
    }
    struct Named {
        std::string_view name;
        int hours;
    };
    constexpr std::array<Named, 8> named = {
        {{"EDT", -4},
         {"EST", -5},
         {"CDT", -5},
         {"CST", -6},
         {"MDT", -6},
         {"MST", -7},
         {"PDT", -7},
         {"PST", -8}}};
    for (const Named& one : named) {
        if (equals_ignoring_case(one.name, zone)) return std::chrono::hours(one.hours);
    }
    return {};
}

}  // namespace

std::optional<WallTime> instant_of_date(std::string_view value) {
    const auto parts = find_parts(value);
    if (!parts) return std::nullopt;
    std::size_t at = parts->end;
    const auto time = time_of_day(next_word(value, at).text);
    const auto day = static_cast<unsigned>(parse_unsigned(parts->day.text).value_or(0));
    const std::chrono::year_month_day date{
        std::chrono::year(static_cast<int>(parts->full_year)), std::chrono::month(parts->month + 1),
        std::chrono::day(day)};
    if (!time || !date.ok()) return std::nullopt;
    return std::chrono::sys_days(date) + *time - zone_offset(next_word(value, at).text);
}

std::optional<std::string> reform_date(std::string_view value, const DateForm& form) {
    const auto parts = find_parts(value);
    if (!parts) return std::nullopt;
    std::string out(value.substr(0, parts->begin));
    std::size_t copied = parts->begin;
    if (parts->has_weekday && form.day_of_week == DateForm::Day::remove) {
        copied = parts->day.offset;
    } else if (!parts->has_weekday && form.day_of_week == DateForm::Day::add) {
        const auto day = static_cast<unsigned>(parse_unsigned(parts->day.text).value_or(0));
        const std::string_view name = day_of_week(parts->full_year, parts->month, day);
        if (!name.empty()) out += std::string(name) + ", ";
    }
    out += value.substr(copied, parts->year.offset - copied);
    out += year_text(*parts, form.year);
    out += value.substr(parts->year.offset + parts->year.text.size());
    if (out == value) return std::nullopt;
    return out;
}

}  // namespace sluice::message
