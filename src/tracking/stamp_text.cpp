// Stamps in the styles of track and logconv.
#include "multilog/tai64n.h"
#include "tracking/stamp.h"

namespace sluice::tracking {

std::optional<StampStyle> parse_stamp_style(std::string_view word) {
    if (word == "copy") return StampStyle::copy;
    if (word == "local") return StampStyle::local;
    if (word == "utc") return StampStyle::utc;
    if (word == "tai64n") return StampStyle::tai64n;
    return std::nullopt;
}

std::string show_stamp(const Stamp& stamp, StampStyle style, const TimeZone& zone) {
    if (style == StampStyle::copy || !stamp.time) return std::string(stamp.text);
    // A label has nanoseconds, which a time of ours has not.
    const auto label = multilog::parse_tai64n(stamp.text);
    const multilog::Instant exact = label ? *label : multilog::instant_of(*stamp.time);
    if (style == StampStyle::tai64n) return multilog::format_tai64n(exact);
    return multilog::format_local(exact, style == StampStyle::utc ? TimeZone() : zone);
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
