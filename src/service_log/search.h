#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "service_log/line.h"

namespace sluice::service_log {

/// Which events are wanted; what is empty does not matter.
struct Filter {
    std::set<Level> levels;
    std::set<Category> categories;
    std::optional<WallTime> from;  ///< included
    std::optional<WallTime> to;    ///< included
    std::string process;           ///< exact
    std::optional<std::uint64_t> pid;
    std::string containing;  ///< part of the message; case counts

    [[nodiscard]] bool takes(const Line& line) const;
};

/// The files of a service, oldest first, the current one last. An Error: the directory cannot be
/// read.
Result<std::vector<std::string>> files_of(const std::string& directory, std::string_view service);

struct SearchCount {
    std::uint64_t lines = 0;
    std::uint64_t found = 0;
    std::uint64_t not_understood = 0;
};
/// Reads one file line by line, whatever its size, and hands over what the filter takes. A line
/// longer than 64 KiB counts as not understood.
Result<SearchCount> search_file(
    const std::string& path, const Filter& filter, const std::function<void(const Line&)>& found
);

}  // namespace sluice::service_log
