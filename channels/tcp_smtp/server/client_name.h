#pragma once

#include <string>

#include "base/ip_address.h"
#include "net/dns.h"
#include "session_settings.h"

namespace sluice::smtp_server {

/// What the DNS calls the client, empty where it has no name, checked as keywords forwardcheck*
/// say. Waits for the DNS.
std::string find_client_name(
    net::Resolver& resolver, const IpAddress& address, PeerNaming::ForwardCheck check
);

}  // namespace sluice::smtp_server
