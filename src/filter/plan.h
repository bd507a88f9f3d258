#pragma once

#include <string>
#include <vector>

#include "channel/channel.h"
#include "config/configuration.h"

// Which filters a message meets: channel keywords against what is configured. Pure.
namespace sluice::filter {

/// A filter that is to be asked. Points into the configuration.
struct PlannedFilter {
    const config::SpamFilter* filter = nullptr;
    const config::FilterSettings* settings = nullptr;
    std::string optin;  ///< of the keywords, between commas; macro {optin}

    [[nodiscard]] int number() const { return filter->number; }
};
using Plan = std::vector<PlannedFilter>;

/// What a channel enqueues is shown to these, in the order of their numbers.
Plan source_plan(const config::Configuration& configuration, const channel::Channel& source);

/// What is asked about a copy for `destination`. `source_done`: what source_plan() names has seen
/// the message; a filter is never asked twice. `source` may be null: a message of our own.
Plan copy_plan(
    const config::Configuration& configuration,
    const channel::Channel* source,
    const channel::Channel& destination,
    bool source_done
);

/// Whether the destination wants nothing of a filter that the source asked for.
[[nodiscard]] bool is_disabled_for(const channel::Channel& destination, int filter_number);

}  // namespace sluice::filter
