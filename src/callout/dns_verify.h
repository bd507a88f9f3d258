#pragma once

#include <functional>

#include "base/clock.h"
#include "callout/registry.h"
#include "net/dns.h"

namespace sluice::callout {

/// Adds the routines of the image `dns_verify` (manual page mappings(5)):
///
///     dns_verify              domain|text if found|text if not: does the DNS know the domain?
///     dns_verify_domain       ip,list[,text]: is the address on a DNS list? The text is literal
///     dns_verify_domain_port  the same for PORT_ACCESS: `$N` and the text, as a template
///     dns_verify_domain_warn  the same, the result is a header line
///
/// `resolver` is called for the first time when a routine is. Its answers count for as long as the
/// DNS says; it keeps them.
void add_dns_routines(
    Registry& registry, std::function<net::Resolver&()> resolver, const Clock& clock
);

}  // namespace sluice::callout
