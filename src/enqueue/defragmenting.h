#pragma once

#include "channel/channel_table.h"
#include "enqueue/submission.h"
#include "message/header_scanner.h"

namespace sluice::enqueue {

/// The channel that puts the pieces of a message together.
inline constexpr std::string_view defragment_channel = "defragment";

/// Keyword defragment: where the message is a piece of another (message/partial), recipients on
/// channels with the keyword go to the channel `defragment` first, and onward from there. Nothing
/// changes for what comes from that channel, nor where a site has none. Pure.
void lead_to_defragment(
    Submission& submission, const message::HeaderFacts& facts, const channel::ChannelTable& channels
);

}  // namespace sluice::enqueue
