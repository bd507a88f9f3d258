#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "config/configuration.h"

namespace sluice::tcp_client {

/// What this MTA itself is called and where it listens: a route that ends here is a loop. A plain
/// value.
struct OwnHosts {
    std::vector<std::string> names;
    /// Sockets that the dispatcher listens on. The unspecified address stands for every address of
    /// the machine.
    std::vector<Endpoint> listeners;
    std::vector<IpAddress> interfaces;  ///< addresses of the machine

    [[nodiscard]] bool has_name(std::string_view host) const;
    /// Whether a connection to `endpoint` would end at one of the listeners.
    [[nodiscard]] bool has_endpoint(const Endpoint& endpoint) const;
};

/// Names: those of channel `l` and the local host aliases of all channels (other official host
/// names may be those of foreign systems). Asks the kernel for the interfaces.
OwnHosts find_own_hosts(const config::Configuration& configuration);

}  // namespace sluice::tcp_client
