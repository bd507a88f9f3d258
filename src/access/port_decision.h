#pragma once

#include "access/access.h"

namespace sluice::access {

/// What PORT_ACCESS says, with what only dispatcher and server want to know.
struct PortDecision {
    Verdict verdict;
    /// An entry spoke its last word about the client: it is exempt from DNS lists. An entry whose
    /// pattern fits and whose template fails goes on to the next, and says nothing.
    bool is_by_an_entry = false;
    bool private_commands = false;  ///< `$V`: an accepted client may use all of them
};
PortDecision decide_port(const Context& context, const PortInfo& port, PortPhase phase);

}  // namespace sluice::access
