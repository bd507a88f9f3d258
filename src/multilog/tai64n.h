#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/time_zone.h"

// TAI64N time stamps, "@" and 24 hexadecimal digits, as multilog and tai64n write them
// (postoffice-and-qmail-features.md section 5.1). Pure.
namespace sluice::multilog {

/// A moment with nanoseconds, counted from 1970 as Unix does.
struct Instant {
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0;  ///< below 1,000,000,000
    friend auto operator<=>(const Instant&, const Instant&) = default;
};

inline constexpr std::size_t tai64n_length = 25;

[[nodiscard]] Instant instant_of(WallTime time);
/// Microseconds are kept, what is below them is cut off.
[[nodiscard]] WallTime wall_time(const Instant& instant);

/// "@40000000433225833b6e1a8c": TAI is taken as ten seconds ahead, whatever leap seconds came
/// later, which is what every reader in the field subtracts.
[[nodiscard]] std::string format_tai64n(const Instant& instant);
/// The stamp at the beginning of `text`, digits in either case; nullopt where there is none or it
/// is outside the years 1970 to 9999.
[[nodiscard]] std::optional<Instant> parse_tai64n(std::string_view text);
/// "2005-09-21 23:31:05.997071500"
[[nodiscard]] std::string format_local(const Instant& instant, const TimeZone& zone);

/// A line of a log as people read it: a stamp at its beginning becomes local time, anything else
/// stays as it is.
[[nodiscard]] std::string with_local_time(std::string_view line, const TimeZone& zone);

/// The same for a stream in pieces of any size. Keeps no more than the beginning of one line.
class LocalTimeFilter {
public:
    explicit LocalTimeFilter(TimeZone zone) : zone_(zone) {}
    /// Appends to `out` what is decided.
    void feed(std::string_view bytes, std::string& out);
    /// The end of the input: appends what was kept back.
    void finish(std::string& out);

private:
    TimeZone zone_;
    bool at_line_start_ = true;
    std::string kept_;  ///< of a line that may begin with a stamp
};

}  // namespace sluice::multilog
