#include "own_hosts.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "address/domain.h"
#include "base/deleter.h"
#include "net/socket.h"

namespace sluice::tcp_client {

namespace {

bool is_unspecified(const IpAddress& address) {
    const auto& octets = address.octets();
    return std::all_of(octets.begin(), octets.end(), [](std::uint8_t octet) { return octet == 0; });
}

std::vector<IpAddress> interface_addresses() {
    std::vector<IpAddress> addresses;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return addresses;
    const std::unique_ptr<ifaddrs, Deleter<::freeifaddrs>> list(first);
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr) continue;
        const int family = entry->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        sockaddr_storage storage{};
        const std::size_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        std::memcpy(&storage, entry->ifa_addr, size);
        if (const auto endpoint = net::endpoint_from(storage))
            addresses.push_back(endpoint->address);
    }
    return addresses;
}

}  // namespace

bool OwnHosts::has_name(std::string_view host) const {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return address::same_domain(name, host);
    });
}

bool OwnHosts::has_endpoint(const Endpoint& endpoint) const {
    return std::any_of(listeners.begin(), listeners.end(), [&](const Endpoint& listener) {
        if (listener.port != endpoint.port) return false;
        // The kernel takes a connection to the unspecified address to the loopback interface.
        if (is_unspecified(endpoint.address))
            return is_unspecified(listener.address) || listener.address.is_loopback();
        if (!is_unspecified(listener.address)) return listener.address == endpoint.address;
        return endpoint.address.is_loopback() ||
               std::find(interfaces.begin(), interfaces.end(), endpoint.address) !=
                   interfaces.end();
    });
}

OwnHosts find_own_hosts(const config::Configuration& configuration) {
    OwnHosts own;
    own.names.emplace_back(configuration.local_host());
    for (const channel::Channel& channel : configuration.imta.channels) {
        if (!channel.local_host_alias().empty()) own.names.push_back(channel.local_host_alias());
        if (channel.name() != "l") continue;
        for (const auto& host : channel.additional_hosts()) own.names.push_back(host.name);
    }
    for (const config::DispatcherService& service : configuration.dispatcher.services) {
        for (const config::ListenAddress& listen : service.listen) {
            own.listeners.push_back({listen.address.value_or(IpAddress::v4({})), listen.port});
        }
    }
    own.interfaces = interface_addresses();
    return own;
}

}  // namespace sluice::tcp_client
