#include "enqueue/split.h"

#include <map>
#include <tuple>

#include "base/bytes.h"
#include "channel/channel_settings.h"

namespace sluice::enqueue {

namespace {

using Key =
    std::tuple<const channel::Channel*, std::string, std::string>;  // channel, hold reason, host

Key key_of(const SubmittedRecipient& recipient, const channel::Channel& channel) {
    const bool by_host = channel::split_rule(channel) == channel::SplitRule::single_sys;
    return {
        &channel, recipient.destination.hold_reason,
        by_host ? to_lower(recipient.destination.host) : ""};
}

}  // namespace

std::vector<Copy> split(
    const std::vector<SubmittedRecipient>& recipients, const channel::ChannelTable& channels
) {
    std::vector<Copy> copies;
    std::map<Key, std::size_t> open;  // the copy that takes the next recipient with this key
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        const channel::Channel* channel = channels.find(recipients[i].destination.channel);
        if (channel == nullptr) continue;
        const Key key = key_of(recipients[i], *channel);
        const bool alone = channel::split_rule(*channel) == channel::SplitRule::single;
        const auto limit = channel::addresses_per_file(*channel);
        const auto found = open.find(key);
        const bool fits = found != open.end() && !alone &&
                          (!limit || copies[found->second].recipients.size() < *limit);
        if (!fits) {
            open.insert_or_assign(key, copies.size());
            copies.push_back({channel, recipients[i].destination.hold_reason, {i}});
            continue;
        }
        copies[found->second].recipients.push_back(i);
    }
    return copies;
}

}  // namespace sluice::enqueue
