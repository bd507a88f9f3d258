#pragma once

#include "access/access.h"

namespace sluice::access {

/// What PORT_ACCESS says to the server at the start of a session.
struct SessionStart {
    Verdict verdict;
    bool private_commands = false;  ///< `$V`: an accepted client may use all of them
};
/// PortPhase::session_start, with what only the server wants to know.
SessionStart check_session_start(const Context& context, const PortInfo& port);

}  // namespace sluice::access
