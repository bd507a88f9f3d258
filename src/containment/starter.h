#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

// Starts programs for a process that has given up its rights (base/starter_link.h), and is there
// before they are given up: what it starts has all of them. What that may be is its own business;
// what is asked for is only a choice.
namespace sluice::containment {

/// host_starter: starts `program` for those hosts, by their complete paths; nothing else about them
/// can be said later, no argument, no environment, no account. The socket to ask it over; when all
/// copies are closed it ends.
Result<UniqueFd> start_host_starter(
    const std::string& program, const std::vector<std::string>& hosts
);

/// Starts what was asked for, with the descriptor that came along; an Error with errno: it does
/// not.
using Launch = std::function<Result<pid_t>(std::string_view request, int descriptor)>;

/// A starter's life: requests come over that socket until there is nobody left who could ask. One
/// thread. Programs go on by themselves; their channels tell them when they are not needed any
/// more.
int run_starter(int socket, const Launch& launch);

/// What host_starter starts: these and no others.
Launch launch_hosts(std::vector<std::string> hosts);

}  // namespace sluice::containment
