#pragma once

#include <string>

namespace sluice {

/// What errors of "permission denied" end with from now on: a process that has given up rights
/// cannot tell whether it lacks them or a file's mode is wrong. Before threads start.
void set_denial_hint(std::string hint);

}  // namespace sluice
