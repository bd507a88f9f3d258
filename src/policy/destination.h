#pragma once

#include <optional>
#include <string>
#include <vector>

#include "message/header_edit.h"

namespace sluice::policy {

/// Where one address goes after rewriting, aliases and access control. A plain value.
struct Destination {
    std::string address;  ///< active address, as the queue file keeps it; "adam" on channel l
    std::string channel;  ///< name of the channel it is enqueued to
    std::string host;     ///< destination system, for per-host queueing; may be empty
    /// After aliases, before it became the name of a mailbox; empty when that is `address`.
    std::string intermediate;
    std::string hold_reason;  ///< not empty: enqueue as a held message
    /// Envelope From of the copy, where a mailing list sets its own; it may be empty.
    std::optional<std::string> envelope_from;
    message::HeaderEdits header_edits;         ///< made in this recipient's copy only
    std::vector<std::string> conversion_tags;  ///< for later look-ups; no commas
};

}  // namespace sluice::policy
