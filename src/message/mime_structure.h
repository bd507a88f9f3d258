#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "message/byte_edit.h"
#include "message/mime_part.h"

// Fewer levels in a message: embedded messages become parts, multiparts that hold one part go.
namespace sluice::message {

/// What becomes of embedded messages (message/rfc822 and its kin).
enum class EmbeddedMessages : std::uint8_t {
    keep,
    flatten_with_header,  ///< their content takes their place, their header is a part behind it
    flatten,              ///< their content takes their place, their header goes
};

struct StructureWish {
    EmbeddedMessages embedded = EmbeddedMessages::keep;
    /// Multiparts of one part become that part, and a multipart/mixed within another one becomes
    /// its parts.
    bool fewer_levels = false;
    /// Where a message needs boundary lines that it has not: nothing in it may contain this. Up to
    /// 60 letters and digits.
    std::string boundary;
};

/// The edits of `source`, the message that `parts` was made of. What is signed or encrypted stays
/// as it is, with everything in it, and so do parts that were not as the RFCs have them. Contents
/// of leaves keep every octet. Empty: there is nothing to do. Headers are read when the edits are
/// made and never kept together; `parts` outlives the result.
Result<ByteEdits> structure_edits(
    const MimeParts& parts, const StructureWish& wish, const std::shared_ptr<ByteSource>& source
);

}  // namespace sluice::message
