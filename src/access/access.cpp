#include "access/access.h"

#include <array>

#include "access/decode.h"
#include "access/port_decision.h"

namespace sluice::access {

namespace {

mapping::Outcome ask(
    const Context& context,
    AccessTable table,
    std::string_view probe,
    const mapping::InputFlags& flags
) {
    return mapping::probe(
        context.tables, table_name(table), probe, flags, context.answers, context.trace
    );
}

}  // namespace

Verdict check_port(const Context& context, const PortInfo& port, PortPhase phase) {
    return decide_port(context, port, phase).verdict;
}

PortDecision decide_port(const Context& context, const PortInfo& port, PortPhase phase) {
    mapping::InputFlags flags;
    if (phase == PortPhase::accept) flags.set('A');
    const auto outcome = ask(context, AccessTable::port_access, port_probe(port), flags);
    PortDecision decision;
    decision.verdict = decode_port_access(outcome);
    decision.is_by_an_entry = outcome.matched || decision.verdict.refused();
    decision.private_commands = outcome.flags.has('V') && !decision.verdict.refused();
    return decision;
}

Verdict check_from(const Context& context, const Session& session, const Sender& sender) {
    constexpr auto table = AccessTable::from_access;
    const auto outcome =
        ask(context, table, from_probe(session, sender, context.options), from_flags(session));
    return decode_access(table, outcome, sender.given, context.options);
}

Verdict check_recipient(
    const Context& context,
    RecipientPhase phase,
    const Session& session,
    const Sender& sender,
    const Recipient& recipient
) {
    using Tables = std::array<AccessTable, 2>;
    const Tables tables = phase == RecipientPhase::original
                              ? Tables{AccessTable::orig_send_access, AccessTable::orig_mail_access}
                              : Tables{AccessTable::send_access, AccessTable::mail_access};
    const auto flags = recipient_flags(session, recipient);
    Verdict verdict;
    for (const auto table : tables) {
        const auto probe = recipient_probe(table, session, sender, recipient, context.options);
        const auto outcome = ask(context, table, probe, flags);
        verdict.merge(decode_access(table, outcome, recipient.given, context.options));
        if (verdict.refused() || verdict.pending) break;
    }
    return verdict;
}

}  // namespace sluice::access
