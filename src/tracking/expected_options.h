#pragma once

#include <map>
#include <string>
#include <string_view>

#include "log/log_options.h"

namespace sluice::tracking {

/// The options that a native log was written with. A plain value.
struct ExpectedOptions {
    log::LogOptions options;
    /// LOG_CONNECTION of channels that have one of their own, by channel name.
    std::map<std::string, unsigned, std::less<>> channel_connection = {};

    /// Those of the entries that this channel wrote: the first one that an entry names.
    [[nodiscard]] log::LogOptions of(std::string_view channel) const {
        log::LogOptions out = options;
        const auto own = channel_connection.find(channel);
        if (own != channel_connection.end()) out.connection = own->second;
        return out;
    }
};

}  // namespace sluice::tracking
