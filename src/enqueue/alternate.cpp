#include "enqueue/alternate.h"

#include <algorithm>
#include <map>

#include "channel/keyword.h"

namespace sluice::enqueue {

using channel::Keyword;

namespace {

bool exceeds(const channel::Channel& channel, Keyword keyword, std::uint64_t value) {
    const auto limit = channel.limit(keyword);
    return limit && *limit >= 0 && value > static_cast<std::uint64_t>(*limit);
}

std::uint64_t blocks_of(const MessageMeasure& measure) {
    return (measure.octets + measure.block_size - 1) / measure.block_size;
}

}  // namespace

std::vector<const channel::Channel*> alternate_channels(
    const std::vector<Copy>& copies,
    const MessageMeasure& measure,
    const channel::ChannelTable& channels
) {
    std::map<const channel::Channel*, std::uint64_t> recipients;
    for (const Copy& copy : copies) recipients[copy.channel] += copy.recipients.size();
    std::vector<const channel::Channel*> out;
    for (const Copy& copy : copies) {
        const channel::Channel& own = *copy.channel;
        const auto name = own.argument(Keyword::alternatechannel);
        const bool diverted =
            name && (exceeds(own, Keyword::alternateblocklimit, blocks_of(measure)) ||
                     exceeds(own, Keyword::alternatelinelimit, measure.lines) ||
                     exceeds(own, Keyword::alternaterecipientlimit, recipients[copy.channel]));
        out.push_back(diverted ? channels.find(*name) : nullptr);
    }
    return out;
}

bool counts_lines(const std::vector<Copy>& copies) {
    return std::any_of(copies.begin(), copies.end(), [](const Copy& copy) {
        return copy.channel->limit(Keyword::alternatelinelimit).has_value();
    });
}

}  // namespace sluice::enqueue
