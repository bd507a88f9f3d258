#pragma once

#include <cstddef>
#include <string>

// seccomp: a list of system calls that are refused, the others go through. A list of those that are
// allowed would be shorter than what it forbids, but a library that takes a new call one day would
// stop mail with it (docs/adr/0145-programs-give-up-their-rights.md).
namespace sluice::containment {

struct CallRights {
    bool starts_programs = true;
    bool opens_sockets = true;
    /// Of the usual families only: Unix, IPv4, IPv6, and netlink, by which addresses are asked for.
    bool usual_sockets_only = false;
    bool traces_itself = false;  ///< a build that looks for its leaks
};

struct CallFilter {
    std::string problem;    ///< empty: in force
    std::size_t calls = 0;  ///< so many are refused
};

/// For this thread and those that it starts. The process must have said that it wants no new
/// privileges.
CallFilter filter_calls(const CallRights& rights);

}  // namespace sluice::containment
