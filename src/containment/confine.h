#pragma once

#include <string>
#include <vector>

#include "containment/program_rights.h"

// A program gives up the rights that it does not need, for good: files and TCP by Landlock, system
// calls by seccomp, new privileges by prctl. Once, before it has threads or speaks with anybody.
namespace sluice::containment {

struct Confinement {
    std::vector<std::string> applied;  ///< "landlock 7 (files, TCP, signals)", "seccomp, 77 calls"
    std::vector<std::string> lacking;  ///< "no landlock: Operation not supported"; empty: whole
};

/// What the kernel has not is not applied, and said. What `rights` says of hosts is not looked at.
Confinement confine(const Rights& rights);

}  // namespace sluice::containment
