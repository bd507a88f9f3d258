#include "containment/call_filter.h"
#include "containment/sandbox.h"

namespace sluice::containment {

void restrict_calls(bool network, Applied& applied) {
    CallRights rights;
    rights.opens_sockets = network;
    const CallFilter filter = filter_calls(rights);
    applied.push_back(filter.problem.empty() ? "seccomp" : "no seccomp: " + filter.problem);
}

}  // namespace sluice::containment
