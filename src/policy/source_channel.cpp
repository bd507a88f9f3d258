#include "policy/source_channel.h"

#include "channel/keyword.h"
#include "policy/rewriting.h"

namespace sluice::policy {

using channel::Keyword;

namespace {

const channel::Channel* channel_of_host(
    const config::Configuration& configuration,
    const channel::Channel& from,
    const std::string& host,
    mapping::Answers& outside,
    rewrite::Trace* trace
) {
    const rewrite::Outcome outcome = rewrite_address(
        configuration, from, AddressKind::envelope_from, "switch@" + host, outside, trace
    );
    if (!outcome.ok()) return nullptr;
    const channel::Channel* found = configuration.imta.channels.find(outcome.channel);
    if (found == nullptr || found == &from) return nullptr;
    const bool allows =
        found->has(Keyword::allowswitchchannel) || found->has(Keyword::switchchannel);
    return allows ? found : nullptr;
}

std::string literal_of(const IpAddress& address) {
    return (address.is_v4() ? "[" : "[IPv6:") + address.to_string() + "]";
}

}  // namespace

const channel::Channel& choose_source_channel(
    const config::Configuration& configuration,
    const channel::Channel& default_channel,
    const IpAddress& client,
    std::string_view client_name,
    mapping::Answers& outside,
    rewrite::Trace* trace
) {
    if (!default_channel.has(Keyword::switchchannel)) return default_channel;
    const std::string literal = literal_of(client);
    if (const auto* found =
            channel_of_host(configuration, default_channel, literal, outside, trace))
        return *found;
    if (client_name.empty()) return default_channel;
    const std::string name(client_name);
    if (const auto* found = channel_of_host(configuration, default_channel, name, outside, trace))
        return *found;
    return default_channel;
}

}  // namespace sluice::policy
