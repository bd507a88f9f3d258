#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.h"

// The table LOG_ACTION: asked about every record of the transaction log, so that a record can have
// an effect (mail.log(5)). The record is written in any case. Pure, as access.h.
namespace sluice::access {

struct LogRecord {
    std::string source_channel;
    std::string destination_channel;  ///< of connections "+" or "-"
    std::string action;               ///< the code: "E", "DS"
    std::string from;
    std::string to;
    std::string user;
    std::string diagnostic;
    std::optional<std::string> reason;  ///< a further field where it is asked for
};

struct LogActionVerdict {
    bool pending = false;
    std::vector<std::string> syslog;    ///< `$<`
    std::vector<std::string> warnings;  ///< for the component log
};

inline constexpr std::string_view log_action_table = "LOG_ACTION";

/// Probe: source-channel|destination-channel|action|from|to|user|diagnostic, then |reason. Bars in
/// foreign text are replaced as MAPPING_PARANOIA says.
LogActionVerdict check_log_action(const Context& context, const LogRecord& record);

}  // namespace sluice::access
