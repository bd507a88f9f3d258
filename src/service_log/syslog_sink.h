#pragma once

#include <string>

#include "service_log/service_log.h"

namespace sluice::service_log {

/// Sends to the datagram socket at `path`, as `process` with its id. Never waits: a daemon that
/// does not take a record loses it. Thread-safe.
[[nodiscard]] SyslogSink syslog_to(std::string path, std::string process);

}  // namespace sluice::service_log
