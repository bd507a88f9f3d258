#pragma once

#include <string_view>

#include "config/configuration.h"
#include "containment/program_rights.h"

namespace sluice::enqueue {

/// What a program may do in an instance: its row of containment/programs.inc with the directories
/// of the configuration, of all files that it names, and those of CONTAINMENT.READ and .WRITE.
containment::Rights rights_of(
    const config::Configuration& configuration, const containment::ProgramRow& program
);

}  // namespace sluice::enqueue
