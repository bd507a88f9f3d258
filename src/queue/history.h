#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

// Delivery history: the lines behind a message file's content, what `qm history` prints. Pure.
namespace sluice::queue {

inline constexpr std::size_t max_history_text = 1024;
/// Appending stops here, readers read no more.
inline constexpr std::size_t max_history_size = 64UL << 20U;

enum class HistoryCode : char {
    temporary_failure = 'Q',
    others_delivered = 'Z',
    held = 'H',
    released = 'G',
    done = 'D',  ///< this recipient is finished; carries a checksum of its own
    delay_warning = 'W',
    next_eligible = 'N',
    readdressed = 'A',
    omitted = 'O',  ///< stands for lines left out of a long history; text has the count
};

/// One history line. `channel`, `host`: no blanks; empty is written "-".
struct HistoryRecord {
    WallTime when{};
    std::string channel;
    HistoryCode code = HistoryCode::temporary_failure;
    unsigned attempt = 0;
    std::uint32_t process = 0;
    std::uint32_t thread = 0;
    std::string recipient;  ///< empty: all ("*")
    std::string host;
    std::string text;  ///< cut at 1024 octets

    friend bool operator==(const HistoryRecord&, const HistoryRecord&) = default;
};

/// The line with its LF.
std::string format_history(const HistoryRecord& record);
/// `line` without LF. nullopt: a torn or damaged line; a done record whose checksum does not fit.
std::optional<HistoryRecord> parse_history_line(std::string_view line);
/// All readable records; a last line without LF is a torn write and is left out.
std::vector<HistoryRecord> parse_history(std::string_view area);
/// Shortens to at most `limit` records by replacing the middle with one `omitted` record; the last
/// delay warning stays.
std::vector<HistoryRecord> shorten_history(std::vector<HistoryRecord> records, std::size_t limit);

}  // namespace sluice::queue
