#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "log/log_options.h"

namespace sluice::tracking {

/// The options that a native log was written with. A plain value.
struct ExpectedOptions {
    log::LogOptions options;
    /// LOG_CONNECTION of channels that have one of their own, by channel name.
    std::map<std::string, unsigned, std::less<>> channel_connection = {};

    /// LOG_CONNECTION of an entry that names this channel first, the likely ones first: a server
    /// that has switched to another channel goes on with the options of its own.
    [[nodiscard]] std::vector<unsigned> connections_of(std::string_view channel) const {
        std::vector<unsigned> out;
        const auto add = [&](unsigned mask) {
            if (std::find(out.begin(), out.end(), mask) == out.end()) out.push_back(mask);
        };
        const auto own = channel_connection.find(channel);
        if (own != channel_connection.end()) add(own->second);
        add(options.connection);
        for (const auto& [other, mask] : channel_connection) add(mask);
        return out;
    }
};

}  // namespace sluice::tracking
