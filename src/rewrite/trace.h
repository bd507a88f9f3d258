#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace sluice::rewrite {

enum class TraceEvent {
    address,        ///< a pass begins: the address and its first host
    probe,          ///< a pattern that no rule has
    asked,          ///< a look-up outside and its answer; the rule that asked follows
    rule_failed,    ///< a rule had the pattern; `detail` says what did not hold
    rule_matched,   ///< a rule was used; `detail` is what it made of the address
    considered,     ///< the search has ended: how many rules were tried, and how many not
    channel_table,  ///< the host is a name of the channel table
    as_is,          ///< no rule: the host is used as it stands
    route_removed,  ///< a route through this system was taken off
    mailbox,        ///< a percent or bang form became a mailbox name here
    proper_name,    ///< an additional host name was replaced
    done,
    failed,
};

/// One step on the way of an address.
struct TraceStep {
    TraceEvent event = TraceEvent::address;
    std::string pattern;  ///< with its tag; empty where none was involved
    SourceLocation rule;  ///< rule concerned; no file where none, or one of the domain database
    std::string detail;
    std::string template_text = {};  ///< of the rule
    std::string host = {};           ///< event address: the first host
    std::string position = {};       ///< where it was found: route, at, percent or bang

    [[nodiscard]] std::string to_debug_string() const;
};

using Trace = std::vector<TraceStep>;

std::string_view to_string(TraceEvent event);
/// One line a step.
std::string to_debug_string(const Trace& trace);

}  // namespace sluice::rewrite
