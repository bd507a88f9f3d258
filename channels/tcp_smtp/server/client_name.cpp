#include "client_name.h"

#include <algorithm>

namespace sluice::smtp_server {

std::string find_client_name(
    net::Resolver& resolver, const IpAddress& address, PeerNaming::ForwardCheck check
) {
    const auto names = resolver.resolve_names(address);
    if (names.records.empty()) return {};
    const std::string& name = names.records.front();
    if (check == PeerNaming::ForwardCheck::none) return name;
    const auto forward = resolver.resolve_addresses(name);
    const auto& back = forward.records;
    if (std::find(back.begin(), back.end(), address) != back.end()) return name;
    return check == PeerNaming::ForwardCheck::tag ? name + '*' : std::string();
}

}  // namespace sluice::smtp_server
