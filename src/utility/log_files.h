#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log_versions.h"
#include "base/result.h"

// Which log files a pattern of find, view and purge means.
namespace sluice::utility {

/// A directory and what its files must look like. Without a "/" the pattern is about the log
/// directory.
struct LogPattern {
    std::string directory;
    std::string name;  ///< with `*` and `?`; of a log or of a version
};
LogPattern log_pattern(std::string_view pattern, const std::string& log_directory);

struct LogFile {
    std::string path;
    WallTime time{};  ///< begin of a version, last change of another file
};
/// Files that the pattern means, oldest first: versions by their own name or that of their log;
/// where there are none, other files of that name. Links are left out.
Result<std::vector<LogFile>> find_log_files(const LogPattern& pattern);

/// Which versions are kept: those that any of these keeps.
struct PurgeRule {
    std::optional<std::size_t> newest;  ///< so many of each log
    std::optional<WallTime> since;      ///< begun then or later
};
/// The versions that may go, of those that the pattern means. `versions`: oldest first. Pure.
std::vector<LogVersion> versions_to_purge(
    std::vector<LogVersion> versions, std::string_view pattern, const PurgeRule& rule
);

}  // namespace sluice::utility
