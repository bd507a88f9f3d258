#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Every worker has a log file of its own, "<LOGFILE>-<start time>-<number>" in hexadecimal. They
// are kept as IMTA_VERSION_LIMIT says.
namespace sluice::dispatcher {

/// Which of the names (without directory) are versions of the log `base` beyond the newest `limit`.
/// Names in `in_use` are neither counted nor chosen, other names are not ours. Pure.
std::vector<std::string> surplus_versions(
    const std::vector<std::string>& names,
    std::string_view base,
    std::size_t limit,
    const std::set<std::string>& in_use
);

/// Removes them from the disk. `log_file` and `in_use` are paths. Problems are logged.
void remove_surplus_versions(
    const std::string& log_file, std::size_t limit, const std::set<std::string>& in_use
);

}  // namespace sluice::dispatcher
