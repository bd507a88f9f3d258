#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log_index/log_source.h"

namespace sluice::utility {

/// Reads what is appended to logs from now on, through rollovers: a file that was renamed is read
/// to its end before the new one is begun. Files that are not there yet are waited for.
class LogFollower {
public:
    explicit LogFollower(const std::vector<std::string>& paths);

    /// Whole lines that came since the last call.
    void poll(const std::function<void(std::string_view)>& line);

private:
    struct Followed {
        std::string path;
        std::optional<log_index::LogSource> source;
        std::uint64_t offset = 0;
    };
    static void read(Followed& log, const std::function<void(std::string_view)>& line);

    std::vector<Followed> logs_;
};

}  // namespace sluice::utility
