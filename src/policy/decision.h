#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/verdict.h"
#include "base/error.h"
#include "mapping/trace.h"
#include "policy/destination.h"
#include "rewrite/trace.h"

namespace sluice::policy {

/// What the client is told when it is refused: an SMTP reply.
struct Refusal {
    int code = 550;
    StatusCode status{5, 1, 1};
    std::string text;  ///< with the address where the reply names it

    [[nodiscard]] bool is_permanent() const { return code >= 500; }
    /// "550 5.1.1 unknown or illegal alias: nobody@example.com".
    [[nodiscard]] std::string to_string() const;
};

/// One step on the way to a decision, in order. Collected only when the caller asks.
struct TraceEntry {
    enum class Stage { completed, rewriting, access, alias, list, user, destination, refusal };
    Stage stage = Stage::rewriting;
    std::string text;                               ///< what happened, in a line
    rewrite::Trace rewrite_steps;                   ///< stage rewriting
    std::vector<mapping::TraceStep> mapping_steps;  ///< stage access

    [[nodiscard]] std::string to_string() const;
};
using Trace = std::vector<TraceEntry>;

struct SenderDecision {
    std::optional<Refusal> refusal;
    std::string address;  ///< rewritten; empty for the null reverse path
    access::Verdict
        access;  ///< what the tables asked for besides: delays, headers, syslog texts ...
};

/// An address of an alias that is not served while others are. A destination with `settled` tells
/// of it.
struct FailedMember {
    std::string address;  ///< as far as rewriting brought it
    Refusal refusal;
    bool by_access_table = false;  ///< gets an entry J of its own
};

struct RecipientDecision {
    std::optional<Refusal> refusal;
    std::vector<Destination> destinations;  ///< at least one when there is no refusal
    std::vector<FailedMember> failed_members;
    std::vector<std::string> warnings;  ///< about mailing lists, for the component log
    bool hides_members = false;         ///< a list on the way does not show its members
    std::string rewritten;              ///< the address before aliases, for the log
    access::Verdict
        access;  ///< what the tables asked for besides: delays, headers, syslog texts ...
};

}  // namespace sluice::policy
