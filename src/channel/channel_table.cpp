#include "channel/channel_table.h"

#include <utility>

namespace sluice::channel {

void ChannelTable::add(Channel channel) {
    const std::size_t place = channels_.size();
    by_name_.emplace(channel.name(), place);
    if (!channel.official_host().empty()) by_host_.emplace(channel.official_host(), place);
    for (const AdditionalHost& host : channel.additional_hosts()) {
        by_host_.emplace(host.name, place);
    }
    channels_.push_back(std::move(channel));
}

const Channel* ChannelTable::at(const Index& index, std::string_view key) const {
    const auto found = index.find(key);
    return found == index.end() ? nullptr : &channels_[found->second];
}

const Channel* ChannelTable::find(std::string_view name) const {
    return at(by_name_, name);
}

const Channel* ChannelTable::find_by_host(std::string_view host) const {
    return at(by_host_, host);
}

std::string_view ChannelTable::local_host() const {
    const Channel* channel = local();
    return channel != nullptr ? std::string_view(channel->official_host()) : std::string_view();
}

}  // namespace sluice::channel
