#include "access/decode.h"

namespace sluice::access {

namespace {

/// The text for the client and, behind two bars, the text for the log.
struct PortText {
    std::string_view client;
    std::string_view log;
};

PortText divide(std::string_view text) {
    const auto bars = text.find("||");
    if (bars == std::string_view::npos) return {text, {}};
    return {text.substr(0, bars), text.substr(bars + 2)};
}

}  // namespace

Verdict decode_port_access(const mapping::Outcome& outcome) {
    Verdict verdict = begin_verdict(table_name(AccessTable::port_access), outcome);
    const auto& flags = outcome.flags;
    if (flags.has('N') || flags.has('F')) verdict.decision = Verdict::Decision::refuse;
    ArgumentReader arguments(output_of(outcome));
    read_debug_level(outcome, arguments, verdict);
    read_syslog(outcome, arguments, verdict.refused(), verdict);
    read_delay(outcome, arguments, verdict);
    const PortText text = divide(arguments.rest());
    verdict.log_text = without_controls(text.log);
    if (verdict.refused()) {
        verdict.reply = make_connection_reply(text.client);
        verdict.close = true;
        verdict.transport_record = flags.has('T');
    } else if (flags.has('Y')) {
        verdict.rule_set = without_controls(text.client);
    }
    return verdict;
}

}  // namespace sluice::access
