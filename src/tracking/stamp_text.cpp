// Stamps written again: TAI64N labels and the styles of track and logconv.
#include <array>
#include <cstdio>

#include "base/bytes.h"
#include "tracking/stamp.h"

namespace sluice::tracking {

namespace {

constexpr std::uint64_t tai_zero = 1ULL << 62U;
constexpr std::int64_t tai_ahead = 10;

std::string civil_text(const CivilTime& at, std::uint32_t nanoseconds) {
    std::array<char, 80> out{};
    std::snprintf(
        out.data(), out.size(), "%04d-%02u-%02u %02u:%02u:%02u.%09u", at.year, at.month, at.day,
        at.hour, at.minute, at.second, nanoseconds
    );
    return out.data();
}

}  // namespace

std::optional<Tai64n> parse_tai64n(std::string_view label) {
    constexpr std::size_t seconds_size = 16;
    constexpr std::size_t size = 25;
    if (label.size() != size || label.front() != '@') return std::nullopt;
    std::uint64_t seconds = 0;
    std::uint64_t nanoseconds = 0;
    for (std::size_t i = 1; i < size; ++i) {
        const char c = label[i];
        unsigned digit = 0;
        if (is_digit(c))
            digit = static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = static_cast<unsigned>(c - 'a' + 10);
        else
            return std::nullopt;
        std::uint64_t& value = i <= seconds_size ? seconds : nanoseconds;
        value = value * 16 + digit;
    }
    if (nanoseconds >= 1'000'000'000 || seconds >= 2 * tai_zero) return std::nullopt;
    const auto since = static_cast<std::int64_t>(seconds - tai_zero);
    return Tai64n{since - tai_ahead, static_cast<std::uint32_t>(nanoseconds)};
}

std::string tai64n_label(const Tai64n& time) {
    std::array<char, 32> out{};
    const std::uint64_t label = tai_zero + static_cast<std::uint64_t>(time.seconds + tai_ahead);
    std::snprintf(
        out.data(), out.size(), "@%016llx%08x", static_cast<unsigned long long>(label),
        time.nanoseconds
    );
    return out.data();
}

std::optional<StampStyle> parse_stamp_style(std::string_view word) {
    if (word == "copy") return StampStyle::copy;
    if (word == "local") return StampStyle::local;
    if (word == "utc") return StampStyle::utc;
    if (word == "tai64n") return StampStyle::tai64n;
    return std::nullopt;
}

std::string show_stamp(const Stamp& stamp, StampStyle style, const TimeZone& zone) {
    if (style == StampStyle::copy || !stamp.time) return std::string(stamp.text);
    Tai64n exact;
    if (const auto label = parse_tai64n(stamp.text)) {
        exact = *label;
    } else {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(*stamp.time);
        exact.seconds = seconds.time_since_epoch().count();
        exact.nanoseconds =
            static_cast<std::uint32_t>((*stamp.time - WallTime(seconds)).count() * 1000);
    }
    if (style == StampStyle::tai64n) return tai64n_label(exact);
    const TimeZone shown = style == StampStyle::utc ? TimeZone() : zone;
    return civil_text(civil_time(*stamp.time, shown), exact.nanoseconds);
}

std::string restamped(std::string_view line, StampStyle style, const StampSettings& settings) {
    std::string_view rest = line;
    const auto stamp = take_stamp(rest, settings);
    if (!stamp || !stamp->time || style == StampStyle::copy) return std::string(line);
    // What was between the stamp and the text stays: a blank, a colon, or nothing.
    std::string out = show_stamp(*stamp, style, settings.zone);
    return out.append(line.substr(stamp->text.size()));
}

}  // namespace sluice::tracking
