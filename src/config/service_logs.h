#pragma once

#include "base/diagnostic.h"
#include "config/file_source.h"
#include "config/tailor.h"
#include "service_log/service_log.h"
#include "service_log/settings.h"

namespace sluice::config {

/// Reads msg.conf, the parameters of the service logs (service_log(5)): logfile.<service>.<name>
/// and local.msgtrace.active. A missing file gives the defaults. Codes: those of option_file.h and
/// option_value.h; W420 for a service that nothing here offers.
service_log::Settings read_service_logs(
    const std::string& path,
    const std::string& log_directory,
    FileSource& files,
    Diagnostics& diagnostics
);

/// Who writes service logs of this instance: the program `process`, with syslog at the socket that
/// the tailor entry IMTA_SYSLOG_SOCKET names, /dev/log without it.
service_log::Writer service_log_writer(const Tailor& tailor, const std::string& process);

}  // namespace sluice::config
