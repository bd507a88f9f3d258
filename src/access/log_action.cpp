#include "access/log_action.h"

#include "access/decode.h"
#include "access/probes.h"

namespace sluice::access {

LogActionVerdict check_log_action(const Context& context, const LogRecord& record) {
    std::string probe =
        record.source_channel + '|' + record.destination_channel + '|' + record.action;
    for (const auto* text : {&record.from, &record.to, &record.user, &record.diagnostic})
        probe += '|' + guarded(*text, context.options);
    if (record.reason) probe += '|' + guarded(*record.reason, context.options);
    const auto outcome =
        mapping::probe(context.tables, log_action_table, probe, {}, context.answers, context.trace);
    Verdict verdict = begin_verdict(log_action_table, outcome);
    ArgumentReader arguments(output_of(outcome));
    read_syslog(outcome, arguments, false, verdict);
    return {verdict.pending, std::move(verdict.syslog), std::move(verdict.warnings)};
}

}  // namespace sluice::access
