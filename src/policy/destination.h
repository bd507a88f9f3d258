#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "channel/onward.h"
#include "message/body_text.h"
#include "message/header_edit.h"

namespace sluice::policy {

/// Name of the channel that mail goes to in order to be thrown away. A site need not have it.
inline constexpr std::string_view bitbucket_channel = "bitbucket";

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
    message::HeaderEdits header_edits;  ///< made in this recipient's copy only
    /// Put around the body of this recipient's copy; may be null.
    std::shared_ptr<const message::BodyText> body_text;
    std::vector<std::string> conversion_tags;  ///< for later look-ups; no commas
    std::optional<std::uint64_t> size_limit;   ///< octets of content; larger ones are refused
    std::optional<std::uint64_t> line_limit;   ///< lines of content
    /// Decided already: the copy only carries the news to whoever gets the notification
    /// (docs/adr/0018-failed-members-travel-as-settled-recipients.md).
    std::optional<StatusText> settled;
    /// Passed on by a mailing list: what the sender said about notifications ends here (RFC 3461
    /// section 5.2.7). Notifications go to `envelope_from`.
    bool is_list_copy = false;
    bool list_reports_delay = true;  ///< of a list copy: delays are reported too
    /// `channel` only converts the message: where it goes afterwards. `address` is complete then.
    std::optional<channel::Onward> onward;
};

}  // namespace sluice::policy
