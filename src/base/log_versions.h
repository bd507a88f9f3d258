#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

// Component logs are kept in versions: each run of a program has a file of its own,
// "<name>.log-<id>", and "<name>.log" is a symbolic link to the newest. Ids sort by time. Whoever
// starts a program makes its file and hands it over as standard output and standard error; it is
// locked (flock(2), shared) as long as anybody holds it, so that it is not removed as an old one.
namespace sluice {

/// The ending of a version: ten base-36 digits of microseconds since 2000, four of the process id.
inline constexpr std::size_t version_id_length = 14;
std::string version_id(WallTime time, std::uint64_t pid);

/// The name of a version, without directory, taken apart.
struct LogVersion {
    std::string name;  ///< "tcp_local_master.log-0KZ2M9SD3A00F1"
    std::string base;  ///< "tcp_local_master.log"
    WallTime started{};

    /// nullopt for any other file, mail.log and its kind among them.
    static std::optional<LogVersion> parse(std::string_view file_name);
};

/// All versions in a directory, oldest first. An Error: it cannot be read.
Result<std::vector<LogVersion>> list_log_versions(const std::string& directory);

/// A new version of the log `path`, open for appending and locked; the link follows. A plain file
/// of that name becomes a version first. Versions beyond the newest `limit` that nobody holds are
/// removed; a `limit` of 0 keeps all.
struct NewLogVersion {
    UniqueFd file;
    std::string path;
};
Result<NewLogVersion> create_log_version(const std::string& path, std::size_t limit);

/// Removes a version unless somebody still writes it. Returns whether it is gone; an Error where it
/// could not be looked at or removed.
Result<bool> remove_unused_version(const std::string& directory, const LogVersion& version);
/// Removes the versions of every log in the directory, or of `base` alone, that are beyond the
/// newest `limit` and that nobody holds. Returns how many.
Result<std::size_t> remove_surplus_versions(
    const std::string& directory, std::size_t limit, std::string_view base = {}
);

}  // namespace sluice
