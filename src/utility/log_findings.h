#pragma once

#include "config/configuration.h"
#include "lint/finding.h"

namespace sluice::utility {

/// L032: logs that are on and whose directory nobody could write to. Looks at the disk, unlike the
/// checks of lint/, as the account that asks.
void check_log_places(const config::Configuration& configuration, lint::Findings& findings);

}  // namespace sluice::utility
