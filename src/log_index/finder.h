#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "log_index/index_store.h"
#include "log_index/log_source.h"
#include "tracking/stamp.h"

namespace sluice::log_index {

/// A line of one of the logs.
struct FoundLine {
    std::size_t log = 0;  ///< index of the log
    std::uint64_t offset = 0;
    std::string_view text;  ///< valid during the call
};

/// What a line has to have.
struct Question {
    /// Texts in lower case; the line has all of them. `fragment`: it may be part of a longer word.
    struct Text {
        std::string text;
        bool fragment = false;
    };
    std::vector<Text> texts;
    std::optional<WallTime> since;  ///< blocks outside are passed over, lines are not looked at
    std::optional<WallTime> until;
};

/// How much was looked at, for the curious and for tests.
struct FinderEffort {
    std::uint64_t segments = 0;        ///< that the index answered for
    std::uint64_t blocks = 0;          ///< read because of it
    std::uint64_t scanned_octets = 0;  ///< read without it
};

/// Finds lines in logs, by the index where it covers them, by reading elsewhere. Not thread-safe.
class Finder {
public:
    /// Logs in the order in which they were written. `store` may be null and outlives the finder.
    Finder(std::vector<LogSource> logs, const IndexStore* store);

    /// Lines in the order of the logs. Ends early, and returns false, when `line` does.
    bool find(const Question& question, const std::function<bool(const FoundLine&)>& line);
    [[nodiscard]] const FinderEffort& effort() const { return effort_; }
    [[nodiscard]] std::vector<LogSource>& logs() { return logs_; }
    /// Octets that the index does not cover.
    [[nodiscard]] std::uint64_t uncovered() const;

private:
    struct Query;
    bool find_in_log(
        std::size_t log, const Query& query, const std::function<bool(const FoundLine&)>& line
    );
    bool scan(
        std::size_t log,
        std::uint64_t begin,
        std::uint64_t end,
        const Query& query,
        const std::function<bool(const FoundLine&)>& line
    );
    [[nodiscard]] bool knows(const LogSource& log) const;

    std::vector<LogSource> logs_;
    const IndexStore* store_;
    std::vector<bool> known_;  ///< the index is of this very file
    FinderEffort effort_;
};

/// Makes the segments that are missing: whole ones only, the rest is read when it is asked for.
/// Goes on until `may_go_on` says no (asked once for each segment). Returns how many were made.
Result<std::size_t> update_index(
    IndexStore& store,
    const std::vector<LogSource>& logs,
    const tracking::StampSettings& stamps,
    const std::function<bool()>& may_go_on
);

}  // namespace sluice::log_index
