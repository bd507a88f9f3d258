#pragma once

#include "access/probes.h"
#include "access/verdict.h"
#include "mapping/engine.h"

// Access control asks mapping tables at fixed moments of a session: may this host connect, may this
// sender send, may this recipient be written to. Each check builds a probe string from the facts,
// puts it to one or two tables, and decodes flags and output into a Verdict that says what to
// answer the client and what else to do. A table that does not exist permits everything.
//
// All functions are pure: what must be looked up outside goes through `Answers`, and nothing of the
// verdict has happened when they return. See imta_access(5).
namespace sluice::access {

/// What every check needs.
struct Context {
    const mapping::TableSet& tables;
    const Options& options;
    mapping::Answers& answers;
    mapping::Trace* trace = nullptr;
};

/// PORT_ACCESS is asked twice for each connection.
enum class PortPhase : std::uint8_t {
    accept,         ///< by the dispatcher, before any process handles the connection
    session_start,  ///< by the server; names the authentication rule set
};
Verdict check_port(const Context& context, const PortInfo& port, PortPhase phase);

/// FROM_ACCESS, once per transaction, after rewriting the MAIL FROM address.
Verdict check_from(const Context& context, const Session& session, const Sender& sender);

/// Recipients are checked before and after alias expansion.
enum class RecipientPhase : std::uint8_t {
    original,  ///< ORIG_SEND_ACCESS, then ORIG_MAIL_ACCESS
    expanded,  ///< SEND_ACCESS, then MAIL_ACCESS, for each address of the expansion
};
/// The first refusal is final; a table that permits does not exempt from the next.
Verdict check_recipient(
    const Context& context,
    RecipientPhase phase,
    const Session& session,
    const Sender& sender,
    const Recipient& recipient
);

}  // namespace sluice::access
