#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace sluice::rewrite {

enum class TraceEvent {
    address,        ///< a pass begins: the address and its first host
    probe,          ///< a pattern that no rule has
    rule_failed,    ///< a rule had the pattern; `detail` says what did not hold
    rule_matched,   ///< a rule was used; `detail` is what it made of the address
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

    [[nodiscard]] std::string to_debug_string() const;
};

using Trace = std::vector<TraceStep>;

std::string_view to_string(TraceEvent event);
/// One line a step.
std::string to_debug_string(const Trace& trace);

}  // namespace sluice::rewrite
