#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "channel/channel.h"
#include "queue/envelope.h"
#include "queue/message_writer.h"
#include "queue/store.h"

// Keywords maxblocks and maxlines: a copy that is too large for its channel becomes several
// messages (message/partial, RFC 2046 section 5.2.2).
namespace sluice::enqueue {

/// What one message for a channel may be. 0: any size.
struct PieceLimits {
    std::uint64_t octets = 0;
    std::uint64_t lines = 0;
    double header_octets = 0.5;  ///< share that the header may take of it: MAX_HEADER_BLOCK_USE
    double header_lines = 0.5;   ///< MAX_HEADER_LINE_USE

    [[nodiscard]] bool any() const { return octets > 0 || lines > 0; }
};
/// `shares` for header_octets and header_lines.
[[nodiscard]] PieceLimits piece_limits(
    const channel::Channel& channel, std::uint64_t block_size, const PieceLimits& shares
);

/// The pieces of `whole`, complete but not in the queue; nullopt where it stays whole: it is small
/// enough, has 8-bit octets (a piece cannot say how they are encoded), cannot be cut between lines,
/// or would be more than max_pieces. `envelope` is that of the whole; `id` names the whole, such as
/// "unique@host", and the pieces after it. Memory: a buffer and the header. Only for content with
/// CRLF.
Result<std::optional<std::vector<queue::FinishedFile>>> cut_into_pieces(
    queue::Store& store,
    queue::FinishedFile& whole,
    const PieceLimits& limits,
    const queue::CopyOptions& copy,
    const queue::Envelope& envelope,
    const std::string& id
);

}  // namespace sluice::enqueue
