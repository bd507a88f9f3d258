#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/time_zone.h"
#include "service_log/line.h"
#include "service_log/settings.h"

namespace sluice::service_log {

/// Sends one record to the machine's syslog: priority (facility | level) and text. Must not wait.
using SyslogSink = std::function<void(int priority, std::string_view text)>;

/// Who writes, and with what.
struct Writer {
    std::string host;     ///< short name of the machine
    std::string process;  ///< program
    TimeZone zone = TimeZone::system();
    const Clock* clock = &system_clock();
    SyslogSink syslog;  ///< for services that log there; may be empty, then such events are lost
    /// Free space of the directory, bytes; empty: asks the file system.
    std::function<std::uint64_t(const std::string& directory)> free_space;
};

/// One that knows this machine and the program's name.
Writer writer_for(std::string process);

/// The log of one service: "<directory>/<service>", and retired files beside it. Any number of
/// processes write it: a lock ("<service>.lock") makes one of them rotate at a time, and everybody
/// appends with one write(2) a line. Nothing is opened before the first event. A log that cannot be
/// written costs its lines and nothing else. Thread-safe.
class ServiceLog {
public:
    ServiceLog(std::string service, ServiceSettings settings, Writer writer);
    ~ServiceLog();
    ServiceLog(const ServiceLog&) = delete;
    ServiceLog& operator=(const ServiceLog&) = delete;

    [[nodiscard]] bool logs(Level level) const { return settings_.logs(level); }
    /// Notes an event, unless its level is below the threshold.
    void write(Category category, Level level, std::string_view message);
    /// Writes what waits in the buffer (buffersize); the destructor does, too.
    void flush();
    /// Why the last event is not in the file; empty when it is.
    [[nodiscard]] std::string failure() const;

private:
    class File;
    const std::string service_;
    const ServiceSettings settings_;
    const Writer writer_;
    std::unique_ptr<File> file_;
};

}  // namespace sluice::service_log
