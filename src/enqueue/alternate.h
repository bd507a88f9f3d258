#pragma once

#include <cstdint>
#include <vector>

#include "channel/channel_table.h"
#include "enqueue/split.h"

namespace sluice::enqueue {

/// What alternatechannel's limits are compared with, once the content is complete.
struct MessageMeasure {
    std::uint64_t octets = 0;
    std::uint64_t lines = 0;
    std::uint64_t block_size = 1024;  ///< BLOCK_SIZE
};

/// For each copy the channel that takes it instead of its own: keyword alternatechannel where one
/// of alternateblocklimit, alternatelinelimit, alternaterecipientlimit is exceeded; else nullptr.
/// Recipients are counted for the whole channel, before any split into files. A channel that does
/// not exist takes nothing. Pure.
std::vector<const channel::Channel*> alternate_channels(
    const std::vector<Copy>& copies,
    const MessageMeasure& measure,
    const channel::ChannelTable& channels
);

/// Whether some copy's channel limits lines, so that they must be counted.
[[nodiscard]] bool counts_lines(const std::vector<Copy>& copies);

}  // namespace sluice::enqueue
