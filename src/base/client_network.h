#pragma once

#include <algorithm>

#include "base/ip_address.h"

namespace sluice {

/// Whom limits for each client mean: of IPv6 the network of 64 bits, which is what a host is given,
/// or it would be somebody else with each connection.
inline IpAddress client_network(const IpAddress& address) {
    constexpr std::size_t octets_of_a_network = 8;
    if (address.is_v4()) return address;
    auto octets = address.octets();
    std::fill(octets.begin() + octets_of_a_network, octets.end(), std::uint8_t{0});
    return IpAddress::v6(octets);
}

}  // namespace sluice
