#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "channel/channel_table.h"

namespace sluice::channel {

/// Builds a channel for tests: `make_channel("tcp_local", "smtp notices=1,2 group:staff")`, in the
/// form of Channel::to_debug_string(). A word that is no keyword becomes a group, as in a file.
inline Channel make_channel(
    std::string name, std::string_view keywords = {}, std::string official_host = {}
) {
    ChannelBlock block;
    block.official_host = official_host.empty() ? name + "-daemon" : std::move(official_host);
    block.name = std::move(name);
    const auto file = std::make_shared<const std::string>("test.cnf");
    std::size_t column = 1;
    for (const std::string_view word : split_words(keywords)) {
        const std::size_t equals = word.find('=');
        Setting setting;
        setting.word = std::string(word.substr(0, equals));
        setting.keyword = find_keyword(setting.word);
        setting.where = {file, 1, column++};
        if (equals != std::string_view::npos) {
            for (const auto argument : split(word.substr(equals + 1), ',')) {
                setting.arguments.emplace_back(argument);
            }
        }
        if (!setting.keyword && setting.word.starts_with("group:")) setting.word.erase(0, 6);
        block.settings.push_back(std::move(setting));
    }
    return Channel(std::move(block));
}

}  // namespace sluice::channel
