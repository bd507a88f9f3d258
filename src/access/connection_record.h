#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/probes.h"

// What a queued message remembers of the session that it came by, so that tables can be asked about
// it again when a channel of the family `reprocess` takes it up: record `o` of the message file
// (docs/formats/queue-file.md).
namespace sluice::access {

/// "TCP|server|port|client|port|SMTP|AET|TLS-info|helo"; nullopt for a session without a
/// connection.
std::optional<std::string> to_connection_record(const Session& session);

/// nullopt where the text is no such record.
std::optional<Session> parse_connection_record(std::string_view record);

}  // namespace sluice::access
