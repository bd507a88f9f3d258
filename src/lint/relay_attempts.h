#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"

namespace sluice::lint {

/// One address that means somebody elsewhere, in one of the forms that relays were tricked with.
struct RelayAttempt {
    std::string recipient;  ///< as in RCPT TO, without brackets
    std::string form;       ///< "percent sign", for people
    std::string victim;     ///< host that must not be reached: the domain or address literal
};

/// All known forms for the names of this system: its official host name, its domains, the host
/// names of its channels.
std::vector<RelayAttempt> relay_attempts(const config::Configuration& configuration);

/// Senders that a stranger may claim to be, this system's own among them.
std::vector<std::string> claimed_senders(const config::Configuration& configuration);

}  // namespace sluice::lint
