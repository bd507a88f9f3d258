#pragma once

#include <string>
#include <vector>

#include "channel/channel.h"
#include "config/configuration.h"
#include "policy/destination.h"

namespace sluice::policy {

/// The postmaster that notifications about this channel's mail come from: returnaddress, then
/// RETURN_ADDRESS, then postmaster at the local host.
std::string postmaster_of(
    const config::Configuration& configuration, const channel::Channel& channel
);

/// Bits of RETURN_ENVELOPE and of the keyword returnenvelope.
inline constexpr unsigned notices_from_postmaster = 1;  ///< notifications have a sender
inline constexpr unsigned no_null_sender = 2;           ///< and so has everything else

/// returnenvelope of the channel, else RETURN_ENVELOPE.
unsigned return_envelope_bits(
    const config::Configuration& configuration, const channel::Channel& channel
);

/// Mail without a sender for channels that ask for one (`no_null_sender`) gets the postmaster's
/// address as envelope From. Mailing lists that set a sender keep theirs.
void fill_null_sender(
    const config::Configuration& configuration, std::vector<Destination>& destinations
);

}  // namespace sluice::policy
