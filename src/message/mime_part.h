#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "message/content_type.h"
#include "message/transfer_encoding.h"

namespace sluice::message {

/// A stretch of a message, in octets from its beginning.
struct ByteRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  ///< behind the last octet

    [[nodiscard]] std::uint64_t size() const { return end - begin; }
    [[nodiscard]] bool empty() const { return begin == end; }
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

enum class PartKind : std::uint8_t {
    leaf,
    multipart,
    message,  ///< message/rfc822, message/global or message/news: one child, the embedded message
};

/// What was not as the RFCs have it, or beyond a limit. Nothing of it loses an octet.
struct PartTrouble {
    bool no_blank_line = false;    ///< the header ended without one
    bool header_cut = false;       ///< longer than MimeLimits::header; labels behind it are unknown
    bool no_boundary = false;      ///< a multipart without a usable boundary parameter: a leaf
    bool never_opened = false;     ///< a multipart whose boundary never came: no children
    bool not_closed = false;       ///< a multipart without its last boundary line
    bool encoded_message = false;  ///< an embedded message in base64 or quoted-printable: a leaf
    bool too_deep = false;         ///< a container below MimeLimits::depth: a leaf
    bool too_many_parts = false;   ///< all the rest of the message, unread: a leaf

    [[nodiscard]] bool any() const { return !(*this == PartTrouble()); }
    friend bool operator==(const PartTrouble&, const PartTrouble&) = default;
};

/// One part of a message, the message itself included.
///
/// A message lies in its source like this; what is in brackets may be absent:
///
///     [delimiter] header [blank_line] body                          leaf, message
///     [delimiter] header [blank_line] [preamble] children [close] [epilogue]      multipart
///
/// `delimiter` is the boundary line that opens the part, with the line end in front of it (RFC 2046
/// section 5.1.1: it belongs to the boundary) and its own, or several of them one behind the other;
/// the outermost part and an embedded message have none. `close` is the last boundary line of a
/// multipart, with the line end in front of it and without its own, which belongs to the epilogue
/// or to the boundary line behind it. Ranges of a part that is absent are empty, at the place where
/// it would be. The body of a container covers all of what is inside it, with boundary lines,
/// preamble and epilogue.
struct MimePart {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::size_t index = 0;      ///< in the list of parts, which stands in the order of the message
    std::size_t parent = none;  ///< index; `none` for the outermost
    unsigned depth = 0;         ///< of the outermost 0
    PartKind kind = PartKind::leaf;
    /// The header is that of a message: of the outermost part, and of the child of a `message`.
    bool is_message_header = false;
    /// Place in the message as IMAP counts (RFC 3501 section 6.4.5) and ATTACHMENT_NUMBER shows it:
    /// "1", "2.1". A message that is no multipart is its own part "1" (an embedded one "2.1"). A
    /// multipart that is the body of a message has no number in IMAP: "" for the outermost one, the
    /// number of the message for one in an embedded message.
    std::string number;

    ContentType type;  ///< what holds: of the field, else text/plain, in a digest message/rfc822
    std::string disposition;  ///< lower case: "attachment"; empty: no such field
    Parameters disposition_parameters;
    std::string description;  ///< unfolded; UTF-8 where it was in encoded words
    std::string content_id;   ///< with its brackets
    TransferEncoding encoding = TransferEncoding::seven_bit;
    std::string encoding_name;  ///< as the field has it; empty: no such field
    PartTrouble trouble;

    ByteRange delimiter;
    ByteRange header;      ///< all fields with their line ends
    ByteRange blank_line;  ///< that ends the header
    ByteRange body;
    ByteRange preamble;  ///< of a multipart; octets in front of its first boundary line
    ByteRange close;
    ByteRange epilogue;

    /// From the delimiter to the end of the body: what goes when the part goes.
    [[nodiscard]] ByteRange whole() const { return {delimiter.begin, body.end}; }
    [[nodiscard]] bool is_leaf() const { return kind == PartKind::leaf; }
    [[nodiscard]] std::string media_type() const { return type.type + '/' + type.subtype; }
    /// "2.1 leaf text/html header 10..40 body 42..90 not_closed", for tests and logs.
    [[nodiscard]] std::string to_debug_string() const;
};
using MimeParts = std::vector<MimePart>;

}  // namespace sluice::message
