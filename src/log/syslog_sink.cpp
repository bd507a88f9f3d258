#include "log/syslog_sink.h"

#include <syslog.h>

#include "log/render.h"

namespace sluice::log {

int syslog_priority(std::int64_t value, int facility) {
    const auto priority = static_cast<int>((value < 0 ? -value : value) % (LOG_FACMASK + 1));
    return (priority & LOG_FACMASK) == 0 ? facility | (priority & LOG_PRIMASK) : priority;
}

void SyslogSink::post(std::span<const Event> events, const LogOptions& options) {
    std::string line;
    for (const Event& event : events) {
        const std::int64_t wanted = syslog_option(event.kind, options);
        if (wanted == 0 || !event.logged) continue;
        line.clear();
        render(line, event, options, zone_);
        if (line.empty()) continue;
        line.pop_back();  // the line feed
        sender_.post(syslog_priority(wanted, facility_), line);
    }
}

}  // namespace sluice::log
