#pragma once

#include <string>

#include "utility/utility.h"

namespace sluice::utility {

/// New workers for a service of the dispatcher; its sockets stay open.
ExitCode restart_service(Invocation& invocation, const std::string& service);

}  // namespace sluice::utility
