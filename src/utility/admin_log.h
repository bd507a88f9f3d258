#pragma once

#include "utility/utility.h"

namespace sluice::utility {

/// Notes a command in the service log admin (service_log(5)): one that changes something as Notice,
/// one that looks as Information. A log that cannot be written is no reason to fail.
void note_in_admin_log(
    const Instance& instance, const Operator& who, const CommandLine& line, ExitCode code
);

}  // namespace sluice::utility
