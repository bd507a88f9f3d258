#pragma once

#include <string>

#include "callout/registry.h"
#include "config/configuration.h"

namespace sluice::lookup {

/// The database that VALID_RCPT_DATABASE names; empty: none, or there is no instance.
std::string valid_recipients_path(const config::Configuration& configuration);

/// Adds the routine `valid_rcpt` of the image `abuse`, which tells whether a key is in the
/// database. A database that is missing or broken is a temporary failure: recipients must not be
/// refused for good because a file went away.
void add_valid_recipients(callout::Registry& registry, const std::string& path);

}  // namespace sluice::lookup
