#include "service_log/settings.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/syslog_sender.h"

namespace sluice::service_log {

ServiceSettings Settings::of(std::string_view service) const {
    const auto found = services.find(service);
    ServiceSettings settings = found != services.end() ? found->second : ServiceSettings();
    if (settings.directory.empty()) settings.directory = log_directory;
    return settings;
}

std::optional<int> parse_facility(std::string_view name) {
    constexpr std::array<std::string_view, 3> allowed = {"user", "mail", "daemon"};
    const bool may_be = starts_with_ignoring_case(name, "local") ||
                        std::any_of(allowed.begin(), allowed.end(), [&](std::string_view one) {
                            return equals_ignoring_case(name, one);
                        });
    return may_be ? syslog_facility(name) : std::nullopt;
}

}  // namespace sluice::service_log
