#pragma once

#include <cstdint>
#include <vector>

#include "service_log/file_name.h"
#include "service_log/settings.h"

// When a file ends and which old ones go: whichever limit is reached first acts. Pure.
namespace sluice::service_log {

/// The file that is written.
struct CurrentFile {
    std::uint64_t size = 0;    ///< bytes
    std::int64_t created = 0;  ///< seconds since 1970
};

/// Whether the current file is retired before `bytes` more go into it. A file holds one event at
/// least, however long.
[[nodiscard]] bool must_rotate(
    const CurrentFile& current,
    std::uint64_t bytes,
    std::int64_t now,
    const ServiceSettings& settings
);

/// What a look at the disk said.
struct DiskState {
    std::vector<RetiredFile> retired;  ///< in any order
    CurrentFile current;
    std::uint64_t free_space = 0;  ///< bytes
};
struct Removal {
    std::vector<RetiredFile> files;  ///< oldest number first
    /// Too little space even without them: there is only the current file left.
    bool still_too_little_space = false;
};
/// Only retired files go, the oldest first. Removing one is taken to free its size.
[[nodiscard]] Removal files_to_remove(
    DiskState state, std::int64_t now, const ServiceSettings& settings
);

}  // namespace sluice::service_log
