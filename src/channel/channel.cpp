#include "channel/channel.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "channel/keyword_sets.h"
#include "channel/period.h"

namespace sluice::channel {

Channel::Channel(ChannelBlock block) : block_(std::move(block)) {
    // A 16-bit place is enough: the reader's ceiling on words is far below.
    const std::size_t count = std::min<std::size_t>(
        block_.settings.size(), std::numeric_limits<std::uint16_t>::max() - 1
    );
    for (std::size_t i = 0; i < count; ++i) {
        apply(block_.settings[i], static_cast<std::uint16_t>(i + 1));
    }
}

void Channel::apply(const Setting& setting, std::uint16_t place) {
    if (!setting.keyword) return;
    for (const Keyword component : components(*setting.keyword)) {
        for (const Keyword other : exclusive_set(component)) given_[index_of(other)] = 0;
        given_[index_of(component)] = place;
    }
    if (*setting.keyword == Keyword::notices) {
        // `notices` speaks for all priorities; a specific one counts only after it.
        for (const Keyword specific :
             {Keyword::urgentnotices, Keyword::normalnotices, Keyword::nonurgentnotices}) {
            given_[index_of(specific)] = 0;
        }
    }
}

std::vector<std::string_view> Channel::groups() const {
    std::vector<std::string_view> names;
    for (const Setting& setting : block_.settings) {
        if (!setting.keyword) names.emplace_back(setting.word);
    }
    return names;
}

bool Channel::is_given(Keyword keyword) const {
    const auto parts = components(keyword);
    return std::all_of(parts.begin(), parts.end(), [&](Keyword part) {
        return given_[index_of(part)] != 0;
    });
}

bool Channel::has(Keyword keyword) const {
    const auto parts = components(keyword);
    return std::all_of(parts.begin(), parts.end(), [&](Keyword part) {
        if (given_[index_of(part)] != 0) return true;
        if (!info(part).is_default()) return false;
        const auto set = exclusive_set(part);
        return std::none_of(set.begin(), set.end(), [&](Keyword other) {
            return given_[index_of(other)] != 0;
        });
    });
}

const Setting* Channel::setting(Keyword keyword) const {
    const std::uint16_t place = given_[index_of(components(keyword).front())];
    return place == 0 ? nullptr : &block_.settings[place - 1U];
}

std::span<const std::string> Channel::arguments(Keyword keyword) const {
    const Setting* found = setting(keyword);
    return found != nullptr ? std::span<const std::string>(found->arguments)
                            : std::span<const std::string>();
}

std::optional<std::string_view> Channel::argument(Keyword keyword) const {
    const auto all = arguments(keyword);
    if (all.empty()) return std::nullopt;
    return all.front();
}

std::optional<std::int64_t> Channel::limit(Keyword keyword) const {
    const auto text = argument(keyword);
    return text ? parse_signed(*text) : std::nullopt;
}

std::int64_t Channel::integer(Keyword keyword, std::int64_t fallback) const {
    return limit(keyword).value_or(fallback);
}

std::vector<std::int64_t> Channel::integers(Keyword keyword) const {
    std::vector<std::int64_t> numbers;
    for (const std::string& text : arguments(keyword)) {
        if (const auto number = parse_signed(text)) numbers.push_back(*number);
    }
    return numbers;
}

std::vector<std::chrono::seconds> Channel::durations(Keyword keyword) const {
    std::vector<std::chrono::seconds> periods;
    for (const std::string& text : arguments(keyword)) {
        if (const auto period = parse_period(text)) periods.push_back(*period);
    }
    return periods;
}

std::string Channel::to_debug_string() const {
    std::string text;
    for (const Setting& setting : block_.settings) {
        if (!text.empty()) text += ' ';
        if (!setting.keyword) {
            text += "group:" + setting.word;
            continue;
        }
        text += name_of(*setting.keyword);
        char separator = '=';
        for (const std::string& argument : setting.arguments) {
            text += separator + argument;
            separator = ',';
        }
    }
    return text;
}

}  // namespace sluice::channel
