#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "access/message_effects.h"
#include "access/verdict.h"
#include "base/diagnostic.h"
#include "base/error.h"
#include "mapping/recorded_answers.h"
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

/// One step on the way to a decision, in order. Collected only when the caller asks, by the same
/// evaluation that decides.
struct TraceEntry {
    enum class Stage {
        completed,    ///< the address got a host, or had one
        source,       ///< the source channel was chosen
        rewriting,    ///< the address went through the rewrite rules
        reversal,     ///< its public form was looked for
        access,       ///< access tables were asked
        alias,        ///< an alias was looked for
        list,         ///< a mailing list was asked
        user,         ///< a mailbox was looked for
        destination,  ///< a final address
        conversion,   ///< CONVERSIONS was asked about it
        refusal,
        answers,  ///< the last: all that was asked outside
    };
    Stage stage = Stage::rewriting;
    std::string text;                               ///< what happened, in a line
    rewrite::Trace rewrite_steps;                   ///< stages source and rewriting
    std::vector<mapping::TraceStep> mapping_steps;  ///< tables asked by access control or by rules
    SourceLocation where = {};                      ///< the line that decided, where there is one
    /// Keys looked for in vain, before that line's where there is one.
    struct Tried {
        std::string_view place;  ///< "alias file"; static
        std::vector<std::string> keys;
    };
    std::vector<Tried> tried = {};
    /// Stages alias and user: what was looked for last, and whether it was there; empty where an
    /// alias was not found.
    std::string key = {};
    bool found = false;
    std::vector<mapping::RecordedAnswer> look_ups = {};  ///< stage answers, in order

    [[nodiscard]] std::string to_string() const;
};
std::string_view to_string(TraceEntry::Stage stage);
using Trace = std::vector<TraceEntry>;

struct SenderDecision {
    std::optional<Refusal> refusal;
    std::string address;  ///< rewritten; empty for the null reverse path
    /// Complete but not rewritten: what the copies for the destination channels begin with.
    std::string completed;
    access::Verdict access;  ///< what the table asked for besides: delay, limits, syslog texts ...
    access::MessageEffects effects;  ///< and for the message
    std::set<std::string> warnings;  ///< of tables that rewrite rules asked, for the component log
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
    std::vector<std::string> warnings;  ///< of lists and mapping tables, for the component log
    bool hides_members = false;         ///< a list on the way does not show its members
    std::string rewritten;              ///< the address before aliases, for the log
    std::string rewritten_channel;      ///< where that address leads to; empty: nowhere
    /// What the tables asked for besides, refusal or not: delay, debug level, syslog texts ...
    access::Verdict access;
    access::MessageEffects effects;  ///< and for the message, where there is no refusal
};

}  // namespace sluice::policy
