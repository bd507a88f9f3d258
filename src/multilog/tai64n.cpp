#include "multilog/tai64n.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sluice::multilog {

namespace {

constexpr std::uint64_t label_of_1970 = 1ULL << 62U;
/// TAI minus UTC as these tools have it.
constexpr std::int64_t ahead = 10;
constexpr std::uint32_t nanoseconds_per_second = 1'000'000'000;
constexpr std::int64_t end_of_9999 = 253'402'300'800;

std::optional<std::uint64_t> parse_hex(std::string_view text) {
    std::uint64_t value = 0;
    for (const char c : text) {
        unsigned digit = 0;
        if (c >= '0' && c <= '9')
            digit = static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = static_cast<unsigned>(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = static_cast<unsigned>(c - 'A') + 10;
        else
            return std::nullopt;
        value = value << 4U | digit;
    }
    return value;
}

}  // namespace

Instant instant_of(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(time - seconds);
    return {seconds.time_since_epoch().count(), static_cast<std::uint32_t>(rest.count())};
}

WallTime wall_time(const Instant& instant) {
    return WallTime(
        std::chrono::seconds(instant.seconds) +
        std::chrono::microseconds(instant.nanoseconds / 1000)
    );
}

std::string format_tai64n(const Instant& instant) {
    const std::uint64_t label = label_of_1970 + static_cast<std::uint64_t>(instant.seconds + ahead);
    std::array<char, tai64n_length + 1> text{};
    std::snprintf(
        text.data(), text.size(), "@%016llx%08x", static_cast<unsigned long long>(label),
        instant.nanoseconds
    );
    return text.data();
}

std::optional<Instant> parse_tai64n(std::string_view text) {
    if (text.size() < tai64n_length || text[0] != '@') return std::nullopt;
    const auto label = parse_hex(text.substr(1, 16));
    const auto nanoseconds = parse_hex(text.substr(17, 8));
    if (!label || !nanoseconds || *nanoseconds >= nanoseconds_per_second) return std::nullopt;
    const std::uint64_t first = label_of_1970 + static_cast<std::uint64_t>(ahead);
    if (*label < first || *label - first >= static_cast<std::uint64_t>(end_of_9999))
        return std::nullopt;
    return Instant{
        static_cast<std::int64_t>(*label - first), static_cast<std::uint32_t>(*nanoseconds)};
}

std::string format_local(const Instant& instant, const TimeZone& zone) {
    const CivilTime local = civil_time(wall_time(instant), zone);
    std::array<char, 64> text{};
    std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02u %02u:%02u:%02u.%09u", local.year, local.month,
        local.day, local.hour, local.minute, local.second, instant.nanoseconds
    );
    return text.data();
}

std::string with_local_time(std::string_view line, const TimeZone& zone) {
    const auto stamp = parse_tai64n(line);
    if (!stamp) return std::string(line);
    return format_local(*stamp, zone).append(line.substr(tai64n_length));
}

void LocalTimeFilter::feed(std::string_view bytes, std::string& out) {
    while (!bytes.empty()) {
        const std::size_t line_end = bytes.find('\n');
        if (!at_line_start_) {
            const std::size_t length =
                line_end == std::string_view::npos ? bytes.size() : line_end + 1;
            out += bytes.substr(0, length);
            at_line_start_ = line_end != std::string_view::npos;
            bytes.remove_prefix(length);
            continue;
        }
        const std::size_t missing = tai64n_length - kept_.size();
        const std::size_t length = std::min({missing, bytes.size(), line_end});
        kept_ += bytes.substr(0, length);
        bytes.remove_prefix(length);
        const bool may_be_stamp = kept_.empty() || kept_[0] == '@';
        if (may_be_stamp && kept_.size() < tai64n_length && length != line_end) return;
        finish(out);
        at_line_start_ = false;
    }
}

void LocalTimeFilter::finish(std::string& out) {
    out += with_local_time(kept_, zone_);
    kept_.clear();
}

}  // namespace sluice::multilog
