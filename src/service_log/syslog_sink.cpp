#include "service_log/syslog_sink.h"

#include <unistd.h>

#include <memory>
#include <utility>

#include "base/system_log.h"

namespace sluice::service_log {

SyslogSink syslog_to(std::string path, std::string process) {
    // Daemons take 8192 octets by default; events may be long.
    auto socket = std::make_shared<SyslogSocket>(std::move(path), SyslogSocket::long_record);
    std::string ident = std::move(process) + '[' + std::to_string(::getpid()) + ']';
    return [socket = std::move(socket), ident = std::move(ident)](
               int priority, std::string_view text
           ) { socket->write(priority, ident, text); };
}

}  // namespace sluice::service_log
