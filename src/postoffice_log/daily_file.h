#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "log/log_file.h"

namespace sluice::postoffice_log {

struct DailyFileSettings {
    std::string directory;
    std::chrono::days keep{0};  ///< files not written to for longer are removed; 0: none are
    std::size_t buffer_max = 8UL << 20U;  ///< octets kept while the disk takes nothing
    TimeZone zone = TimeZone::system();
};

/// "post.office-0226.log"
[[nodiscard]] std::string daily_name(WallTime time, const TimeZone& zone);

/// One file for each day, `post.office-MMDD.log`, of any number of writers in several processes. A
/// file of an earlier year that has the day's name becomes `post.office-MMDD.log.YYYY`.
/// Thread-safe.
class DailyFile {
public:
    /// Touches nothing until the first line.
    explicit DailyFile(DailyFileSettings settings);

    /// Takes whole lines of what happened at `time`.
    void post(WallTime time, std::string_view lines);
    /// Returns when everything posted before is in its file or, if that fails, kept for later.
    void flush();

private:
    void begin(std::string name);
    void put_last_year_aside(const std::string& path);
    void remove_expired() const;

    const DailyFileSettings settings_;
    std::mutex mutex_;  ///< guards what follows; not held while lines are written
    std::string name_;
    std::shared_ptr<log::LineWriter> writer_;
};

}  // namespace sluice::postoffice_log
