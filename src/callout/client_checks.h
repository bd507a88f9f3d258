#pragma once

#include <functional>

#include "base/clock.h"
#include "callout/registry.h"
#include "meter/backend.h"
#include "net/dns.h"

namespace sluice::callout {

/// Adds routines of the image `abuse` about the client of a connection, as qmail's rblsmtpd and
/// jgreylist have them (manual page mappings(5)). Each succeeds when it has something against the
/// client; the result is the reply, literal:
///
///     dnsbl            ip,lists[,code]: on one of the lists, with blanks in between, asked all at
///                      once? The text is the list's. The code is 553 5.7.1 unless given
///     require_ptr      ip[,code]: without a name in the DNS? Code 451 4.7.1 unless given
///     require_fcrdns   ip[,code]: without a name that leads back to the address?
///     greylist_client  ip[,delay window lifetime]: not known yet, as the network of the client,
///                      24 bits of an IPv4 and 64 of an IPv6 address? Code 451 4.7.1
///     greylist         key,delay window lifetime: the same for any key
///
/// Whoever cannot be asked has nothing against anybody.
void add_client_checks(
    Registry& registry,
    std::function<net::Resolver&()> resolver,
    std::function<meter::Backend&()> backend
);

/// The tables of the greylist routines with their usual times.
std::vector<meter::TableSettings> greylist_tables();

}  // namespace sluice::callout
