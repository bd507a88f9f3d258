#pragma once

#include <string_view>

#include "base/ip_address.h"
#include "config/configuration.h"
#include "mapping/answers.h"

namespace sluice::policy {

/// The mapping table HONEYPOT names addresses that nobody writes to who has not collected them.
/// Mail from `client` to one of them puts the client on the list of the call-out
/// `abuse,local_block`. An entry with `$N` or `$F` is none. What becomes of the mail is for other
/// tables to say.
void watch_honeypots(
    const config::Configuration& configuration,
    const IpAddress& client,
    std::string_view recipient,
    mapping::Answers& answers
);

}  // namespace sluice::policy
