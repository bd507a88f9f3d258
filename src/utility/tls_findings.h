#pragma once

#include "config/configuration.h"
#include "lint/finding.h"

namespace sluice::utility {

/// L040, L041 and L042: what is wrong with the files and words that TLS needs, where a service or a
/// channel asks for TLS. Reads the certificates and keys, unlike the checks of lint/, as the user
/// that asks: who runs cnbuild as root sees what the MTA's account may not.
void check_tls(const config::Configuration& configuration, lint::Findings& findings);

}  // namespace sluice::utility
