#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace sluice::containment {

/// What the processes below one take up now.
struct TreeUse {
    std::vector<pid_t> processes;  ///< without the root of the tree; the dead that nobody waited
                                   ///< for are not counted
    std::uint64_t memory = 0;      ///< resident, octets
};
/// Looks at /proc. Processes whose parents ended count where they went to, which is below the
/// nearest PR_SET_CHILD_SUBREAPER or the first process of their space.
TreeUse processes_below(pid_t root);

/// Files of a directory and all below it; links are not followed.
struct DiskUse {
    std::uint64_t total = 0;    ///< octets on disk
    std::uint64_t largest = 0;  ///< octets of the largest file
};
DiskUse disk_use(const char* directory);

}  // namespace sluice::containment
