#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"
#include "log/sink.h"

namespace sluice::enqueue {

/// The logs in other dialects that the options ask for, the system log, the table LOG_ACTION.
/// Nothing is opened or made before something is to be written.
[[nodiscard]] std::vector<std::unique_ptr<log::EventSink>> event_sinks_of(
    const config::ConfigurationPtr& configuration
);

/// Everything that event_sinks_of() looks at, as text: equal where its result would do the same.
[[nodiscard]] std::string event_sink_settings(const config::Configuration& configuration);

/// Where the files of LOG_POSTOFFICE are.
[[nodiscard]] std::string postoffice_directory(const config::Configuration& configuration);

/// Writes a line for the machine's operators into the system log (SNDOPR_PRIORITY,
/// SYSLOG_FACILITY).
[[nodiscard]] std::function<void(std::string_view)> operator_notice(const config::Options& options);

/// Where the watcher of an instance takes lines for its standard output (LOG_STDOUT).
[[nodiscard]] std::string stdout_socket(const config::Tailor& tailor);

/// What the channel does with a message it delivers.
[[nodiscard]] log::DeliveryClass delivery_class(const channel::Channel& channel);

/// Most deliveries at a time, by the job limits of the pools.
struct DeliveryLimits {
    std::uint64_t local = 0;
    std::uint64_t remote = 0;
};
[[nodiscard]] DeliveryLimits delivery_limits(const config::Configuration& configuration);

}  // namespace sluice::enqueue
