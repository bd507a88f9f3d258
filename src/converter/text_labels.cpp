#include "converter/text_labels.h"

#include <algorithm>

#include "channel/keyword.h"

namespace sluice::converter {

namespace {

TextLabels labels_of(const channel::Channel& channel) {
    const auto set = [&](channel::Keyword keyword) {
        return std::string(channel.argument(keyword).value_or(""));
    };
    using channel::Keyword;
    return {set(Keyword::charset7), set(Keyword::charset8), set(Keyword::charsetesc)};
}

}  // namespace

const std::string& TextLabels::label_for(bool has_eight_bit, bool has_escape) const {
    if (has_eight_bit) return eight_bit;
    return has_escape && !escaped.empty() ? escaped : seven_bit;
}

TextLabels text_labels_of(const config::Configuration& configuration, std::string_view channel) {
    const channel::Channel* found = configuration.imta.channels.find(channel);
    return found != nullptr ? labels_of(*found) : TextLabels();
}

bool has_text_labels(const config::Configuration& configuration) {
    const auto& channels = configuration.imta.channels;
    return std::any_of(channels.begin(), channels.end(), [](const channel::Channel& channel) {
        return labels_of(channel).any();
    });
}

}  // namespace sluice::converter
