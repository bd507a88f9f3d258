#include "service_log/settings.h"

#include <syslog.h>

#include "base/bytes.h"

namespace sluice::service_log {

ServiceSettings Settings::of(std::string_view service) const {
    const auto found = services.find(service);
    ServiceSettings settings = found != services.end() ? found->second : ServiceSettings();
    if (settings.directory.empty()) settings.directory = log_directory;
    return settings;
}

std::optional<int> parse_facility(std::string_view name) {
    struct Facility {
        std::string_view name;
        int value;
    };
    static constexpr Facility facilities[] = {
        {"user", LOG_USER},     {"mail", LOG_MAIL},     {"daemon", LOG_DAEMON},
        {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2},
        {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5},
        {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7},
    };
    for (const Facility& facility : facilities) {
        if (equals_ignoring_case(name, facility.name)) return facility.value;
    }
    return std::nullopt;
}

}  // namespace sluice::service_log
