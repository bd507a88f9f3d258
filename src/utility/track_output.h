#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "tracking/stamp.h"
#include "tracking/story.h"
#include "utility/message.h"

namespace sluice::utility {

enum class TrackStyle : std::uint8_t { text, json, sun, qmail, postoffice };
/// "text", "json", "sun" or "pmdf", "qmail", "postoffice".
std::optional<TrackStyle> parse_track_style(std::string_view word);

struct TrackView {
    TrackStyle style = TrackStyle::text;
    bool list = false;     ///< a line for each message
    bool summary = false;  ///< only counts, at the end
    bool connections = false;
    tracking::StampStyle stamps = tracking::StampStyle::copy;
    TimeZone zone = TimeZone::system();
};

/// Prints messages and connections as they are found. Foreign text is made printable.
class TrackPrinter {
public:
    TrackPrinter(Console& console, TrackView view, const tracking::LineReader& reader)
        : console_(console), view_(view), reader_(reader) {}

    void show(const tracking::Group& group);
    /// A line that belongs to nothing, or one that a follower sees.
    void show_line(std::string_view line);
    /// The summary, and notes about what the log does not tell.
    void finish();
    [[nodiscard]] std::uint64_t shown() const { return shown_; }

private:
    void show_text(const tracking::Story& story);
    void show_json(const tracking::Story& story);
    void show_list(const tracking::Story& story);
    void show_dialect(const tracking::Group& group);
    void count(const tracking::Group& group);
    void show_step(const tracking::Step& step);
    [[nodiscard]] std::string stamp_of(const tracking::Step& step) const;

    Console& console_;
    TrackView view_;
    const tracking::LineReader& reader_;
    std::uint64_t shown_ = 0;
    std::uint64_t guessed_ = 0;
    std::uint64_t without_form_ = 0;
    std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> counts_;
};

}  // namespace sluice::utility
