#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "channel/onward.h"

// The envelope of a message file, version 1: plain values, and their text. Pure. Byte layout:
// docs/formats/queue-file.md.
namespace sluice::queue {

inline constexpr unsigned format_version = 1;
/// Longest envelope line in octets, escapes included, without its line end.
inline constexpr std::size_t max_envelope_line = 8192;
inline constexpr std::size_t max_envelope_size = 64UL << 20U;
/// The content length is written with ten digits.
inline constexpr std::uint64_t max_content_size = 9'999'999'999;

/// A record whose letter this version does not know; kept when the file is rewritten.
struct Record {
    char letter = 0;
    std::string value;
    friend bool operator==(const Record&, const Record&) = default;
};

/// Flag word of a recipient (record `n`), the integers of the log's notary field.
enum NotifyFlag : unsigned {
    notify_headers_only = 1,
    notify_no_content = 2,
    notify_failure = 4,
    notify_success = 8,
    notify_delay = 16,
    notify_never = 32,
    notify_explicit = 256,  ///< the recipient carried DSN parameters
};
/// In force where the submitter gave nothing: failure and delay.
inline constexpr unsigned default_notify = notify_failure | notify_delay;

/// One recipient of a message file.
struct Recipient {
    std::string address;                      ///< current address, bare line; never empty
    std::optional<std::string> orcpt_type;    ///< j: "rfc822"
    std::optional<std::string> orcpt;         ///< f: original recipient
    std::optional<std::string> intermediate;  ///< g: after aliases, before the final rewrite
    std::optional<unsigned> notify;           ///< n: NotifyFlag bits; default_notify where absent
    std::optional<std::string> host;          ///< y: destination host
    /// z: decided before it was queued. Nobody is served; what is left to do is to tell.
    std::optional<StatusText> settled;
    /// C, Y: where it goes once the conversion channel is done; `address` is complete then.
    std::optional<channel::Onward> onward;
    std::vector<Record> unknown;

    [[nodiscard]] unsigned notify_flags() const { return notify.value_or(default_notify); }
    friend bool operator==(const Recipient&, const Recipient&) = default;
};

/// Record `a`: nobody answers the message automatically.
inline constexpr std::string_view feature_no_vacation = "NOVACATION";

/// Record `a`, in front of xtext without commas: who submitted the message, as AUTH= of MAIL has it
/// (RFC 4954 section 5); "<>": nobody knows.
inline constexpr std::string_view feature_auth = "AUTH=";

/// Record `a`: the content filters of its source could not be asked; somebody must before anybody
/// gets it.
inline constexpr std::string_view feature_unfiltered = "UNFILTERED";

/// Record `a`, with "=1" to "=3" as LOG_SENSITIVITY shows it; absent for messages that are not.
inline constexpr std::string_view feature_sensitivity = "SENSITIVITY";

/// How the content lies in the file. The writer stores the octets it is given in any case.
enum class ContentEncoding {
    lf,    ///< each LF stands for CRLF; the original had no bare CR or LF
    crlf,  ///< as on the wire
    raw,   ///< binary, no line structure
};

enum class ReturnContent { unspecified, full, headers };

/// Instants after which something happens to the message (record `d`).
struct Deadlines {
    std::optional<WallTime> deliver_by;  ///< RFC 2852
    bool deliver_by_return = false;      ///< mode R; false is mode N
    bool deliver_by_trace = false;       ///< modifier T
    std::optional<WallTime> latest_delivery;
    std::optional<WallTime> expiry;
    std::vector<std::string> unknown;  ///< items of later versions, kept

    [[nodiscard]] bool empty() const {
        return !deliver_by && !latest_delivery && !expiry && unknown.empty();
    }
    friend bool operator==(const Deadlines&, const Deadlines&) = default;
};

/// Everything a message file says about its message besides the content. Times have millisecond
/// precision in the file.
struct Envelope {
    WallTime enqueued{};                    ///< t: original enqueue time, survives rewriting
    std::string owner;                      ///< u: local user, or "*name" for an SMTP user
    std::string source_channel;             ///< c
    std::string source_host;                ///< s: official host name of the source channel
    std::optional<std::string> transport;   ///< o: "TCP|lip|lport|rip|rport" and application data
    std::string envelope_id;                ///< i: ENVID or generated
    std::optional<std::string> message_id;  ///< h: header Message-ID
    std::vector<std::string> features;      ///< a: "8BITMIME", "SMTPUTF8", "MT-PRIORITY=3"
    std::string priority = "normal";        ///< p: urgent, normal, nonurgent, second ...
    ReturnContent ret = ReturnContent::unspecified;    ///< r: RET
    Deadlines deadlines;                               ///< d
    ContentEncoding encoding = ContentEncoding::crlf;  ///< l
    std::optional<std::string> ancestor;       ///< x: unique part of the file this one replaces
    std::optional<std::string> hold_reason;    ///< q: set at enqueue time makes the file .HELD
    std::vector<std::string> conversion_tags;  ///< w: for CONVERSIONS and access tables to come
    std::string sender;                        ///< m: envelope From, empty for <>
    std::vector<Record> unknown;
    std::vector<Recipient> recipients;  ///< at least one

    [[nodiscard]] bool has_feature(std::string_view name) const;
    friend bool operator==(const Envelope&, const Envelope&) = default;
};

/// The envelope's bytes up to and including the opening boundary line. Length, checksum and seal
/// stand at fixed places of the head and are filled in when the content is complete.
struct EncodedEnvelope {
    std::string bytes;
    std::string boundary;         ///< without line end
    std::uint64_t tail_hash = 0;  ///< of what follows the head; part of the seal
};

/// `boundary_bits`: 16 random octets; whoever could guess them still cannot end the content early.
/// Fails (permanent, 5.1.0 or 5.3.4) on a value that does not fit the limits, on no recipient, on
/// an empty recipient.
Result<EncodedEnvelope> encode_envelope(const Envelope& envelope, std::string_view boundary_bits);
/// Fills in content length, checksum of the content and the seal over the whole envelope. `head`
/// must be the first `envelope_head_size` octets of the file.
void seal_envelope_head(
    char* head, std::uint64_t content_size, std::uint64_t content_hash, std::uint64_t tail_hash
);
/// Length of the records v, b, k, e.
extern const std::size_t envelope_head_size;

/// What a reader learns from the front of a file.
struct DecodedEnvelope {
    Envelope envelope;
    std::string boundary;
    std::uint64_t content_offset = 0;
    std::uint64_t content_size = 0;
    std::optional<std::uint64_t> content_hash;
};

/// Finds the end of the envelope in the front of a file: the offset behind the opening boundary
/// line, or nullopt when more octets are needed.
std::optional<std::size_t> find_envelope_end(std::string_view front);
/// `bytes`: exactly up to find_envelope_end(). Any damage is an Error whose failure_kind() is
/// `damaged` (or `other_version`); a changed octet anywhere is found by the seal.
Result<DecodedEnvelope> decode_envelope(std::string_view bytes);

/// One line of debugging text a test can compare.
std::string to_debug_string(const Envelope& envelope);

/// `\n`, `\r` and `\\` for LF, CR and backslash.
std::string escape_value(std::string_view value);
/// nullopt on an escape that escape_value() never writes.
std::optional<std::string> unescape_value(std::string_view text);

}  // namespace sluice::queue
