#include "enqueue/split.h"

#include <map>
#include <tuple>

#include "base/bytes.h"
#include "channel/channel_settings.h"

namespace sluice::enqueue {

namespace {

/// What recipients must have in common to share a copy.
struct Key {
    const channel::Channel* channel = nullptr;
    std::string host;  ///< in lower case; empty where hosts may share
    const policy::Destination* shape = nullptr;

    std::string_view onward = {};  ///< a queue file goes to one channel after its conversion
    [[nodiscard]] const message::BodyText& text() const {
        static const message::BodyText none;
        return shape->body_text ? *shape->body_text : none;
    }
    [[nodiscard]] auto parts() const {
        return std::tie(
            channel, host, shape->hold_reason, shape->envelope_from, shape->is_list_copy,
            shape->header_edits, shape->conversion_tags, onward, text()
        );
    }
    friend bool operator<(const Key& a, const Key& b) { return a.parts() < b.parts(); }
};

Key key_of(const SubmittedRecipient& recipient, const channel::Channel& channel) {
    const bool by_host = channel::split_rule(channel) == channel::SplitRule::single_sys;
    const auto& onward = recipient.destination.onward;
    return {
        &channel, by_host ? to_lower(recipient.destination.host) : "", &recipient.destination,
        onward ? std::string_view(onward->channel) : std::string_view()};
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
            copies.push_back({channel, {i}, &recipients[i].destination, {}});
            continue;
        }
        copies[found->second].recipients.push_back(i);
    }
    return copies;
}

}  // namespace sluice::enqueue
