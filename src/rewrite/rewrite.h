#pragma once

#include <string_view>

#include "rewrite/answers.h"
#include "rewrite/context.h"
#include "rewrite/host_table.h"
#include "rewrite/outcome.h"
#include "rewrite/rule_set.h"
#include "rewrite/trace.h"

// Rewriting decides, for one address, what it is turned into and which channel it goes to. The
// first host is taken out of the address, the most specific rule for it is looked up, the rule's
// template makes a new local part, a new host and the name of a routing system, and the channel
// that owns this name is the answer; rules can also say that the new address is to be rewritten
// again. Everything here is a function of its arguments: no I/O, no clock, no state between two
// calls.
namespace sluice::rewrite {

/// Rewrites one address, which has neither brackets, phrases nor comments around it and is not
/// checked for syntax. `trace`, where given, gets every pattern looked up and why rules failed.
/// An answer that is not to be had now makes the outcome a temporary failure (4.4.3); what the
/// caller does with an address that failed depends on where it came from.
Outcome rewrite(
    const RuleSet& rules,
    const HostTable& hosts,
    const Options& options,
    const Context& context,
    std::string_view address,
    Answers& answers,
    Trace* trace = nullptr
);

}  // namespace sluice::rewrite
