#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

// host_starter: starts host programs for a process that has given up its rights
// (base/starter_link.h). It is there before they are given up, so what it starts has all of them.
// Which programs that may be is said when it starts, and nothing else about them can be said later:
// no argument, no environment, no account.
namespace sluice::containment {

/// Starts `program`, host_starter, for those hosts, by their complete paths. The socket to ask it
/// over; when all copies are closed it ends.
Result<UniqueFd> start_starter(const std::string& program, const std::vector<std::string>& hosts);

/// The program's life: requests come over that socket until there is nobody left who could ask. One
/// thread. Hosts go on by themselves; their channels tell them when they are not needed any more.
int run_starter(int socket, const std::vector<std::string>& hosts);

}  // namespace sluice::containment
