#include "tracking/stamp.h"

#include "multilog/tai64n.h"
#include "tracking/text_cursor.h"

namespace sluice::tracking {

namespace {

using std::chrono::microseconds;

constexpr int nanosecond_digits = 9;

bool is_possible(const CivilTime& at) {
    return at.month >= 1 && at.month <= 12 && at.day >= 1 && at.day <= 31 && at.hour <= 24 &&
           at.minute <= 59 && at.second <= 61;
}

bool take_clock(TextCursor& in, CivilTime& at) {
    const auto hour = in.number(2);
    if (!hour || !in.take(":")) return false;
    const auto minute = in.number(2);
    if (!minute || !in.take(":")) return false;
    const auto second = in.number(2);
    if (!second) return false;
    at.hour = *hour;
    at.minute = *minute;
    at.second = *second;
    return true;
}

// ".997071500": nanoseconds of what follows a second; 0 where nothing follows.
std::uint32_t take_fraction(TextCursor& in) {
    TextCursor ahead = in;
    if (!ahead.take(".")) return 0;
    const auto digits = ahead.digits(nanosecond_digits);
    if (!digits) return 0;
    in = ahead;
    std::uint32_t value = 0;
    for (int i = 0; i < nanosecond_digits; ++i) {
        const auto index = static_cast<std::size_t>(i);
        value = value * 10 +
                (index < digits->size() ? static_cast<std::uint32_t>((*digits)[index] - '0') : 0);
    }
    return value;
}

// "+0200", "-08:00", "-800", "Z".
std::optional<std::chrono::seconds> take_offset(TextCursor& in) {
    if (in.take("Z")) return std::chrono::seconds(0);
    TextCursor ahead = in;
    const bool west = ahead.peek() == '-';
    if (!ahead.take("+") && !ahead.take("-")) return std::nullopt;
    const auto digits = ahead.digits(4);
    if (!digits || digits->size() < 2) return std::nullopt;
    unsigned hours = 0;
    unsigned minutes = 0;
    const std::size_t hour_digits = digits->size() == 3 ? 1 : 2;
    TextCursor hour(digits->substr(0, hour_digits));
    hours = hour.number(hour_digits).value_or(0);
    if (digits->size() > 2) {
        TextCursor minute(digits->substr(hour_digits));
        minutes = minute.number(2).value_or(0);
    } else if (ahead.take(":")) {
        minutes = ahead.number(2).value_or(0);
    }
    if (hours > 14 || minutes > 59) return std::nullopt;
    in = ahead;
    const std::chrono::seconds east = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return west ? -east : east;
}

// What a reader took of `text`, with the blank behind it.
Stamp finish(std::string_view& text, const TextCursor& in, Stamp::Form form) {
    Stamp out;
    out.form = form;
    out.text = text.substr(0, text.size() - in.rest().size());
    TextCursor rest = in;
    rest.take(" ");
    text = rest.rest();
    return out;
}

WallTime with_fraction(WallTime time, std::uint32_t nanoseconds) {
    return time + microseconds(nanoseconds / 1000);
}

std::optional<Stamp> take_sun(std::string_view& text, const StampSettings& settings) {
    TextCursor in(text);
    CivilTime at;
    const bool blank = in.take(" ");  // " 4-Feb-1998", as VMS has it
    const auto day = in.number(blank ? 1 : 2);
    if (!day || !in.take("-")) return std::nullopt;
    at.day = *day;
    at.month = month_number(in.take_front(3));
    if (at.month == 0 || !in.take("-")) return std::nullopt;
    const auto year = in.number(4);
    if (!year || !in.take(" ")) return std::nullopt;
    at.year = static_cast<int>(*year);
    if (!take_clock(in, at) || !is_possible(at)) return std::nullopt;
    const std::uint32_t fraction = take_fraction(in);
    if (!in.at_end() && in.peek() != ' ') return std::nullopt;
    Stamp out = finish(text, in, Stamp::Form::sun);
    out.time = with_fraction(moment_of(at, settings.zone), fraction);
    return out;
}

std::optional<Stamp> take_readable(std::string_view& text, const StampSettings& settings) {
    TextCursor in(text);
    CivilTime at;
    const auto year = in.number(4);
    if (!year || !in.take("-")) return std::nullopt;
    const auto month = in.number(2);
    if (!month || !in.take("-")) return std::nullopt;
    const auto day = in.number(2);
    if (!day || !(in.take(" ") || in.take("T"))) return std::nullopt;
    at.year = static_cast<int>(*year);
    at.month = *month;
    at.day = *day;
    if (!take_clock(in, at) || !is_possible(at)) return std::nullopt;
    const std::uint32_t fraction = take_fraction(in);
    const auto offset = take_offset(in);
    if (!in.at_end() && in.peek() != ' ') return std::nullopt;
    Stamp out = finish(text, in, Stamp::Form::readable);
    const TimeZone zone = offset ? TimeZone::fixed(*offset) : settings.zone;
    out.time = with_fraction(moment_of(at, zone), fraction);
    return out;
}

std::optional<Stamp> take_tai64n(std::string_view& text) {
    const auto instant = multilog::parse_tai64n(text);
    const bool ends =
        text.size() <= multilog::tai64n_length || text[multilog::tai64n_length] == ' ';
    if (!instant || !ends) return std::nullopt;
    TextCursor in(text);
    in.take_front(multilog::tai64n_length);
    Stamp out = finish(text, in, Stamp::Form::tai64n);
    out.time = multilog::wall_time(*instant);
    return out;
}

// splogger: seconds, a point and six digits.
std::optional<Stamp> take_unix_time(std::string_view& text) {
    TextCursor in(text);
    const auto seconds = in.digits(11);
    if (!seconds || seconds->size() < 9 || in.peek() != '.') return std::nullopt;
    const std::uint32_t fraction = take_fraction(in);
    if (!in.at_end() && in.peek() != ' ') return std::nullopt;
    Stamp out = finish(text, in, Stamp::Form::unix_time);
    const auto count = static_cast<std::int64_t>(*parse_unsigned(*seconds));
    out.time = with_fraction(WallTime(microseconds(count * 1'000'000)), fraction);
    return out;
}

std::optional<Stamp> take_syslog(std::string_view& text, const StampSettings& settings) {
    TextCursor in(text);
    CivilTime at;
    at.month = month_number(in.take_front(3));
    if (at.month == 0 || !in.take(" ")) return std::nullopt;
    const bool one_digit = in.take(" ");
    const auto day = in.number(one_digit ? 1 : 2);
    if (!day || !in.take(" ")) return std::nullopt;
    at.day = *day;
    if (!take_clock(in, at) || !is_possible(at) || in.peek() != ' ') return std::nullopt;
    Stamp out = finish(text, in, Stamp::Form::syslog);
    at.year = civil_time(settings.now, settings.zone).year;
    WallTime time = moment_of(at, settings.zone);
    if (time > settings.now + std::chrono::days(1)) {
        --at.year;
        time = moment_of(at, settings.zone);
    }
    out.time = time;
    return out;
}

std::optional<Stamp> take_postoffice(std::string_view& text) {
    TextCursor in(text);
    CivilTime at;
    const auto year = in.number(4);
    const auto month = in.number(2);
    const auto day = in.number(2);
    const auto hour = in.number(2);
    const auto minute = in.number(2);
    const auto second = in.number(2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    at.year = static_cast<int>(*year);
    at.month = *month;
    at.day = *day;
    at.hour = *hour;
    at.minute = *minute;
    at.second = *second;
    const auto offset = take_offset(in);
    if (!offset || !is_possible(at) || in.peek() != ':') return std::nullopt;
    Stamp out = finish(text, in, Stamp::Form::postoffice);
    text.remove_prefix(1);
    out.time = moment_of(at, TimeZone::fixed(*offset));
    return out;
}

bool is_plain_word(std::string_view word) {
    for (const char c : word) {
        if (static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '"') return false;
    }
    return !word.empty();
}

}  // namespace

unsigned month_number(std::string_view letters) {
    constexpr std::string_view months = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (letters.size() != 3) return 0;
    for (unsigned i = 0; i < 12; ++i) {
        if (equals_ignoring_case(letters, months.substr(std::size_t{3} * i, 3))) return i + 1;
    }
    return 0;
}

WallTime moment_of(const CivilTime& shown, const TimeZone& zone) {
    using namespace std::chrono;
    // A day that the month does not have runs over into the next one.
    const sys_days date = sys_days(year(shown.year) / static_cast<int>(shown.month) / 1) +
                          days(static_cast<int>(shown.day) - 1);
    const WallTime as_utc =
        WallTime(date) + hours(shown.hour) + minutes(shown.minute) + seconds(shown.second);
    const WallTime guess = as_utc - zone.offset_at(as_utc);
    return as_utc - zone.offset_at(guess);
}

std::optional<Stamp> take_stamp(std::string_view& text, const StampSettings& settings) {
    if (text.empty()) return std::nullopt;
    if (text.front() == '@') return take_tai64n(text);
    if (is_alpha(text.front())) return take_syslog(text, settings);
    if (text.front() == ' ') return take_sun(text, settings);
    if (!is_digit(text.front())) return std::nullopt;
    if (text.size() > 2 && text[2] == '-') return take_sun(text, settings);
    if (text.size() > 4 && text[4] == '-') return take_readable(text, settings);
    if (auto stamp = take_postoffice(text)) return stamp;
    return take_unix_time(text);
}

std::string_view take_syslog_tag(std::string_view& text) {
    TextCursor in(text);
    const std::string_view host = in.word();
    if (!is_plain_word(host) || host.ends_with(':') || !is_alpha(in.peek())) return {};
    const auto tag = in.up_to(": ");
    if (!tag || !is_plain_word(*tag)) return {};
    const std::string_view taken = text.substr(0, text.size() - in.rest().size());
    text = in.rest();
    return taken;
}

}  // namespace sluice::tracking
