#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "net/dns.h"

namespace sluice::callout {

/// "2.0.0.127.list", the name under which a list keeps an address (RFC 5782 section 2).
std::string name_on_list(const IpAddress& address, std::string_view list);
/// Whether an answer of a list means that the address is on it.
bool says_listed(const net::DnsAnswer<IpAddress>& answer);
/// What a DNS list says about an address: its text, or one of ours where it has none. nullopt: it
/// is not listed, or nobody says so in time.
std::optional<std::string> listing(
    net::Resolver& resolver, const IpAddress& address, std::string_view list
);
/// Foreign text as part of a line: without controls, not too long.
std::string reply_text(std::string_view text);

}  // namespace sluice::callout
