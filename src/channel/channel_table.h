#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "channel/channel.h"

namespace sluice::channel {

/// The channel of this host's own users.
inline constexpr std::string_view local_channel_name = "l";

/// The channels of a configuration, in file order. Built once, then read by everyone; pointers to
/// channels stay valid as long as the table is neither added to, copied over nor destroyed (moving
/// it keeps them).
class ChannelTable {
public:
    /// Adds a channel. Where its name or one of its host names is taken, the first owner keeps it;
    /// the reader has reported that already.
    void add(Channel channel);

    /// By channel name, ignoring case; null where there is none.
    [[nodiscard]] const Channel* find(std::string_view name) const;
    /// By official or additional host name, ignoring case; null where there is none.
    [[nodiscard]] const Channel* find_by_host(std::string_view host) const;
    /// The local channel `l`; null only in a configuration that has errors.
    [[nodiscard]] const Channel* local() const { return find(local_channel_name); }
    /// Official host name of the local channel: *the* name of this host. Empty where there is none.
    [[nodiscard]] std::string_view local_host() const;

    [[nodiscard]] std::size_t size() const { return channels_.size(); }
    [[nodiscard]] bool empty() const { return channels_.empty(); }
    [[nodiscard]] auto begin() const { return channels_.begin(); }
    [[nodiscard]] auto end() const { return channels_.end(); }

private:
    using Index = std::unordered_map<std::string, std::size_t, HashIgnoringCase, EqualIgnoringCase>;
    [[nodiscard]] const Channel* at(const Index& index, std::string_view key) const;

    std::vector<Channel> channels_;
    Index by_name_;
    Index by_host_;
};

}  // namespace sluice::channel
