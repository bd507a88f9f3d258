#include "utility/log_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

bool means(std::string_view pattern, const LogVersion& version) {
    return matches_wildcard(pattern, version.name) || matches_wildcard(pattern, version.base);
}

/// The last change of a plain file; nullopt for anything else.
std::optional<WallTime> time_of_file(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return WallTime(std::chrono::seconds(status.st_mtim.tv_sec)) +
           std::chrono::microseconds(status.st_mtim.tv_nsec / 1000);
}

}  // namespace

LogPattern log_pattern(std::string_view pattern, const std::string& log_directory) {
    const std::size_t slash = pattern.rfind('/');
    if (slash == std::string_view::npos) return {log_directory, std::string(pattern)};
    return {std::string(pattern.substr(0, slash + 1)), std::string(pattern.substr(slash + 1))};
}

Result<std::vector<LogFile>> find_log_files(const LogPattern& pattern) {
    namespace fs = std::filesystem;
    std::vector<LogFile> versions;
    std::vector<LogFile> others;
    std::error_code problem;
    for (fs::directory_iterator entry(pattern.directory, problem), end; !problem && entry != end;
         entry.increment(problem)) {
        const std::string name = entry->path().filename().string();
        if (const auto version = LogVersion::parse(name)) {
            if (means(pattern.name, *version))
                versions.push_back({entry->path().string(), version->started});
        } else if (matches_wildcard(pattern.name, name)) {
            if (const auto time = time_of_file(entry->path().string()))
                others.push_back({entry->path().string(), *time});
        }
    }
    if (problem) return Error::from_errno(problem.value(), "read directory " + pattern.directory);
    std::vector<LogFile>& found = versions.empty() ? others : versions;
    std::sort(found.begin(), found.end(), [](const LogFile& a, const LogFile& b) {
        return std::pair(a.time, a.path) < std::pair(b.time, b.path);
    });
    return std::move(found);
}

std::vector<LogVersion> versions_to_purge(
    std::vector<LogVersion> versions, std::string_view pattern, const PurgeRule& rule
) {
    std::map<std::string, std::vector<LogVersion>> logs;
    for (LogVersion& version : versions) {
        if (means(pattern, version)) logs[version.base].push_back(std::move(version));
    }
    std::vector<LogVersion> surplus;
    for (auto& [base, ages] : logs) {
        for (std::size_t i = 0; i < ages.size(); ++i) {
            const bool is_new = rule.newest && i + *rule.newest >= ages.size();
            const bool is_young = rule.since && ages[i].started >= *rule.since;
            if (!is_new && !is_young) surplus.push_back(std::move(ages[i]));
        }
    }
    return surplus;
}

}  // namespace sluice::utility
