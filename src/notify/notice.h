#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "notify/shown_header.h"

namespace sluice::config {
struct NoticeTemplates;
}

// What a delivery status notification is made from: plain values. The room turns them into the
// bytes of a message and into decisions about who gets it; it reads no queue, no clock, no file
// (notifications.md sections 1 to 4, 7, 8; RFC 3461 to 3464).
namespace sluice::notify {

enum class NoticeKind {
    failed,     ///< permanent delivery failure
    bounced,    ///< returned by the postmaster
    timed_out,  ///< too old
    delayed,    ///< old, still tried
    deferred,   ///< held back on purpose
    delivered,  ///< success asked for and reached
    relayed,    ///< success asked for, passed to a system that will not report
    expanded,   ///< success asked for, given to a list
};
[[nodiscard]] bool is_failure(NoticeKind kind);
[[nodiscard]] bool is_warning(NoticeKind kind);
[[nodiscard]] bool is_success(NoticeKind kind);

/// One per-recipient group.
struct NoticeRecipient {
    std::string original_type = "rfc822";
    std::string original_address;    ///< ORCPT, decoded; empty when none was given
    std::string final_address;       ///< active or intermediate address, as the channel shows it
    unsigned notary_flags = 4 + 16;  ///< log::notary
    std::optional<StatusCode> status;
    std::string reason;       ///< in words, where no remote reply says it
    std::string remote_host;  ///< empty when no connection was made
    std::string diagnostic;   ///< the remote reply, "550 5.1.1 ..."; CRLF between lines
    std::string diagnostic_type = "smtp";
    std::string diagnostic_extra;  ///< banner and transport as the channel options allow
    std::optional<WallTime> last_attempt;
    std::optional<WallTime> will_retry_until;
};

enum class ReturnRequest { unspecified, full, headers };

/// Takes a piece of content; false means "enough".
using PieceSink = std::function<bool(std::string_view)>;
/// Streams the content from its start (header, blank line, body; CRLF or LF line ends) into the
/// sink until the end or until the sink has enough. Called up to a few times; says the same each
/// time.
using ContentSource = std::function<Result<void>(const PieceSink&)>;

/// The message a notice is about.
struct OriginalMessage {
    std::string sender;         ///< envelope From; empty for the null reverse path
    std::string envelope_id;    ///< ENVID as given by the sender, decoded; else empty
    std::string message_id;     ///< with brackets; may be empty
    std::string received_from;  ///< host that sent it to us; may be empty
    WallTime arrival{};
    ReturnRequest ret = ReturnRequest::unspecified;
    bool no_content = false;  ///< NOTARY bit 1: return neither header nor content
    bool smtputf8 = false;
    std::uint64_t bytes = 0;
    ContentSource content;
};

enum class QueueUnit { days, hours };

/// One attempt, oldest first in a list.
struct HistoryEntry {
    WallTime time{};
    std::string text;
};

/// Options of the instance and of the channel.
struct NoticeSettings {
    std::string reporting_mta;                             ///< official host name
    std::string from_address;                              ///< RETURN_ADDRESS or returnaddress
    std::string from_personal = "Internet Mail Delivery";  ///< RETURN_PERSONAL
    unsigned lines_to_return = 20;                         ///< LINES_TO_RETURN
    std::uint64_t bounce_block_limit = 0;                  ///< BOUNCE_BLOCK_LIMIT, 0 none
    std::uint64_t content_return_block_limit = 0;          ///< CONTENT_RETURN_BLOCK_LIMIT, 0 none
    std::uint64_t block_size = 1024;
    bool delivery_history = true;  ///< RETURN_DELIVERY_HISTORY
    std::size_t history_to_return = 20;
    bool show_final_address = true;    ///< false: suppressfinal
    bool headers_only = false;         ///< postheadonly, for the postmaster's own copy
    QueueUnit unit = QueueUnit::days;  ///< RETURN_UNITS
    HeaderDecoding header_decoding = HeaderDecoding::same_charset;  ///< NOTARY_DECODE
    /// The texts; null: the built-in ones. Must outlive the settings.
    const config::NoticeTemplates* templates = nullptr;
};

/// Everything one notification says.
struct Notice {
    NoticeKind kind = NoticeKind::failed;
    OriginalMessage original;
    std::vector<NoticeRecipient> recipients;
    std::vector<HistoryEntry> history;
    std::string to;             ///< address of the To field: the sender, or the postmaster instead
    std::string message_id;     ///< of the notice, with brackets (message::MessageIdGenerator)
    std::string boundary_seed;  ///< unguessable letters and digits; 128 random bits or more
    WallTime now{};
    unsigned units_queued = 0;  ///< %C
    unsigned units_left = 0;    ///< %L
    unsigned units_total = 0;   ///< %F
};

}  // namespace sluice::notify
