#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.h"
#include "utility/qm_selector.h"

// How qm shows the queue to people. Pure: text from values. Text from outside is made printable
// here.
namespace sluice::utility {

/// "25-Feb-1999 11:37:00".
std::string qm_date(WallTime time, const TimeZone& zone);
/// "25-Feb 11:37".
std::string qm_short_date(WallTime time, const TimeZone& zone);
/// "Thu, 25 Feb 1999 11:37:00 -0800 (PST)".
std::string qm_now(WallTime now, const TimeZone& zone);
/// Whole blocks, rounded up.
std::uint64_t blocks_of(std::uint64_t octets, std::uint64_t block_size);
/// Fills up with blanks on the right, or on the left.
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);

struct ListingStyle {
    WallTime now{};
    TimeZone zone;
    std::uint64_t block_size = 1024;
    bool from_database = false;
    bool heading = true;
    bool file_info = true;  ///< sizes and dates
    bool envelope = false;
    bool reason = false;
    bool total = true;
};

/// The directory and held listings: messages are numbered from 1 and come sorted by channel.
void write_listing(
    std::ostream& out, const std::vector<QueuedMessage>& messages, const ListingStyle& style
);
/// One message of a listing as an object of -json; `number` 0: without one.
std::string listing_json(
    const QueuedMessage& message, std::size_t number, const ListingStyle& style
);

/// One line of summarize.
struct ChannelSummary {
    std::string channel;
    std::uint64_t messages = 0;
    std::uint64_t octets = 0;
    std::uint64_t blocks = 0;
    std::uint64_t held = 0;
    std::uint64_t unread = 0;  ///< messages that `octets` and `blocks` go without
    std::optional<WallTime> oldest;
    bool stopped = false;
};
struct SummaryStyle {
    TimeZone zone;
    bool heading = true;
    bool trailing = true;
};
void write_summary(
    std::ostream& out, const std::vector<ChannelSummary>& channels, const SummaryStyle& style
);

}  // namespace sluice::utility
