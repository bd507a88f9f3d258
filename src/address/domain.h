#pragma once

#include <optional>
#include <string_view>

#include "base/ip_address.h"

namespace sluice::address {

/// Whether the text is written as a domain literal: brackets at both ends.
bool is_literal(std::string_view domain);

/// The address in a domain literal, `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 section 4.1.3);
/// nullopt for names and for literals of other kinds.
std::optional<IpAddress> literal_address(std::string_view domain);

/// Whether two domains are the same: letter case and one dot at the end do not count, and address
/// literals are compared by the address they hold. Bytes beyond ASCII are compared as they are.
bool same_domain(std::string_view a, std::string_view b);

}  // namespace sluice::address
