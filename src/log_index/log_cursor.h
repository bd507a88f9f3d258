#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log_index/log_source.h"
#include "tracking/stamp.h"

namespace sluice::log_index {

/// Reads logs line by line, one file after the other. Not thread-safe.
class LogCursor {
public:
    /// Borrows the logs.
    explicit LogCursor(const std::vector<LogSource>& logs) : logs_(logs) {}

    /// The next line, valid until the next call; nullopt at the end of the last log.
    std::optional<std::string_view> next();

private:
    bool fill();

    const std::vector<LogSource>& logs_;
    std::size_t log_ = 0;
    std::uint64_t offset_ = 0;  ///< of what is read next
    std::string buffer_;
    std::size_t at_ = 0;
};

/// When a line says it was written: the stamp in front, or the attribute of an element or object.
std::optional<WallTime> time_of_line(std::string_view line, const tracking::StampSettings& stamps);

/// Calls `line` for the lines of several sequences of logs in the order of their times; a line
/// without one stays behind the line before it. Ends early when it returns false.
void merge_logs(
    const std::vector<const std::vector<LogSource>*>& sequences,
    const tracking::StampSettings& stamps,
    const std::function<bool(std::string_view)>& line
);

}  // namespace sluice::log_index
