#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "service_log/service_log.h"

namespace sluice::service_log {

/// One packet for the socket of syslogd: "<156>Nov 21 11:22:33 l_master[17]: text", of which `text`
/// is at most 8000 octets. `time` is shown as local time of `zone`. Pure.
[[nodiscard]] std::string syslog_packet(
    int priority, WallTime time, const TimeZone& zone, std::string_view tag, std::string_view text
);

/// Sends to the datagram socket at `path`. Never waits: a daemon that does not take a record loses
/// it.
[[nodiscard]] SyslogSink syslog_to(std::string path, std::string process);

}  // namespace sluice::service_log
