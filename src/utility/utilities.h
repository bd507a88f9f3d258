#pragma once

#include "utility/command_line.h"

// The utilities, each defined in the file of its name.
namespace sluice::utility {

extern const Command help_command;
extern const Command version_command;

}  // namespace sluice::utility
