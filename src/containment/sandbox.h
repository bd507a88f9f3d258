#pragma once

#include <string>
#include <vector>

#include "containment/job.h"

// What the kernel is asked to keep a command from. Used by command_host only, in processes with one
// thread. Every step says what was applied, or why not: kernels differ.
namespace sluice::containment {

using Applied = std::vector<std::string>;

/// Makes this process one of that account, with its groups. Empty, or why not: the process is of no
/// use then. An empty name, or the account that it has: nothing to do. Root is refused.
std::string become_account(const std::string& name);
/// New user, mount, network, IPC and host name space for this process and, for its next children, a
/// new space of process numbers. False: all stays as it was.
bool enter_namespaces(bool network, Applied& applied);
/// Limits of the process: CPU time, memory, file size, processes, open files, no core.
void set_limits(const Limits& limits, bool own_user_namespace, Applied& applied);
/// Landlock: files, and where the kernel has it TCP, abstract sockets and signals.
void restrict_files(const Job& job, bool own_proc, Applied& applied);
/// seccomp: calls that a converter does not need.
void restrict_calls(bool network, Applied& applied);

}  // namespace sluice::containment
