#include "policy/postmaster.h"

#include "channel/keyword.h"

namespace sluice::policy {

using channel::Keyword;
using config::OptionId;

std::string postmaster_of(
    const config::Configuration& configuration, const channel::Channel& channel
) {
    if (const auto address = channel.argument(Keyword::returnaddress)) return std::string(*address);
    const std::string& option = configuration.options.text(OptionId::return_address);
    return option.empty() ? "postmaster@" + std::string(configuration.local_host()) : option;
}

unsigned return_envelope_bits(
    const config::Configuration& configuration, const channel::Channel& channel
) {
    const auto own = channel.limit(Keyword::returnenvelope);
    return static_cast<unsigned>(
        own.value_or(configuration.options.integer(OptionId::return_envelope))
    );
}

void fill_null_sender(
    const config::Configuration& configuration, std::vector<Destination>& destinations
) {
    for (Destination& destination : destinations) {
        if (destination.envelope_from && !destination.envelope_from->empty()) continue;
        const channel::Channel* channel = configuration.imta.channels.find(destination.channel);
        if (channel == nullptr || destination.settled) continue;
        if ((return_envelope_bits(configuration, *channel) & no_null_sender) != 0)
            destination.envelope_from = postmaster_of(configuration, *channel);
    }
}

}  // namespace sluice::policy
