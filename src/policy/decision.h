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
    enum class Stage { completed, rewriting, access, alias, user, destination, refusal };
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
    /// Complete but not rewritten: what the copies for the destination channels begin with.
    std::string completed;
    access::Verdict
        access;  ///< what the tables asked for besides: delays, headers, syslog texts ...
};

struct RecipientDecision {
    std::optional<Refusal> refusal;
    std::vector<Destination> destinations;  ///< at least one when there is no refusal
    std::string rewritten;                  ///< the address before aliases, for the log
    access::Verdict
        access;  ///< what the tables asked for besides: delays, headers, syslog texts ...
};

}  // namespace sluice::policy
