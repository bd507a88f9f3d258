#include "filter/plan.h"

#include <algorithm>

namespace sluice::filter {

namespace {

using channel::Channel;
using channel::Keyword;

struct Words {
    Keyword source;
    Keyword source_optin;
    Keyword destination;
    Keyword destination_optin;
    Keyword disable_source;
    Keyword disable_destination;
};

#define SLUICE_FILTER_WORDS(n)                                                            \
    {                                                                                     \
        Keyword::sourcespamfilter##n, Keyword::sourcespamfilter##n##optin,                \
            Keyword::destinationspamfilter##n, Keyword::destinationspamfilter##n##optin,  \
            Keyword::disablesourcespamfilter##n, Keyword::disabledestinationspamfilter##n \
    }
constexpr Words words[config::most_filters] = {
    SLUICE_FILTER_WORDS(1), SLUICE_FILTER_WORDS(2), SLUICE_FILTER_WORDS(3), SLUICE_FILTER_WORDS(4),
    SLUICE_FILTER_WORDS(5), SLUICE_FILTER_WORDS(6), SLUICE_FILTER_WORDS(7), SLUICE_FILTER_WORDS(8)};
#undef SLUICE_FILTER_WORDS

bool asks_as_source(const Channel& channel, const Words& w) {
    return (channel.has(w.source) || channel.has(w.source_optin)) && !channel.has(w.disable_source);
}

bool asks_as_destination(const Channel& channel, const Words& w) {
    return channel.has(w.destination) || channel.has(w.destination_optin);
}

void add_optin(std::string& all, const Channel& channel, Keyword keyword) {
    const auto value = channel.argument(keyword);
    if (!value || value->empty()) return;
    if (!all.empty()) all += ',';
    all += *value;
}

}  // namespace

Plan source_plan(const config::Configuration& configuration, const Channel& source) {
    Plan plan;
    for (std::size_t i = 0; i < std::size(words); ++i) {
        const auto& filter = configuration.spam_filters[i];
        if (!filter || !asks_as_source(source, words[i])) continue;
        PlannedFilter planned{&*filter, &filter->settings_for(source.name()), {}};
        add_optin(planned.optin, source, words[i].source_optin);
        plan.push_back(std::move(planned));
    }
    return plan;
}

Plan copy_plan(
    const config::Configuration& configuration,
    const Channel* source,
    const Channel& destination,
    bool source_done
) {
    Plan plan;
    for (std::size_t i = 0; i < std::size(words); ++i) {
        const Words& w = words[i];
        const auto& filter = configuration.spam_filters[i];
        if (!filter || destination.has(w.disable_destination)) continue;
        if (source != nullptr && source->has(w.disable_source)) continue;
        const bool by_source = source != nullptr && asks_as_source(*source, w);
        if (by_source && source_done) continue;
        const bool by_destination = asks_as_destination(destination, w);
        if (!by_source && !by_destination) continue;
        const Channel& owner = by_destination ? destination : *source;
        PlannedFilter planned{&*filter, &filter->settings_for(owner.name()), {}};
        if (by_source) add_optin(planned.optin, *source, w.source_optin);
        if (by_destination) add_optin(planned.optin, destination, w.destination_optin);
        plan.push_back(std::move(planned));
    }
    return plan;
}

bool is_disabled_for(const Channel& destination, int filter_number) {
    return destination.has(words[static_cast<std::size_t>(filter_number - 1)].disable_destination);
}

}  // namespace sluice::filter
