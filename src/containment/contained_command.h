#pragma once

#include <string>

#include "base/result.h"
#include "containment/job.h"

// Runs commands of the site on foreign octets. Each runs below a process of its own, command_host,
// which confines it (own process tree, limits, no network, one directory to write to), watches it,
// and kills all that it started when it ends, exceeds a limit, or when the caller is gone
// (docs/adr, containment of commands).
namespace sluice::containment {

/// Runs the job to its end; blocks for wall_time and a few seconds at most. `host` is the path of
/// the program command_host. An Error says that it could not be run or watched; the command is dead
/// then too. `input`: a descriptor that becomes the standard input of the command; stays the
/// caller's; -1: it reads nothing. On any thread; forks nothing itself but spawns.
Result<Report> run_contained(const std::string& host, const Job& job, int input = -1);

}  // namespace sluice::containment
