#pragma once

#include <memory>
#include <vector>

#include "config/configuration.h"
#include "log/sink.h"

namespace sluice::enqueue {

/// Where the events of a process go besides mail.log, as the options say. Make them after the last
/// fork.
std::vector<std::unique_ptr<log::EventSink>> log_sinks_of(
    const config::ConfigurationPtr& configuration
);

}  // namespace sluice::enqueue
