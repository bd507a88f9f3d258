#include "access/filter_table.h"

#include "access/decode.h"
#include "base/bytes.h"

namespace sluice::access {

namespace {

constexpr std::string_view table = "MILTER_ACCESS";

std::optional<StatusCode> refusal_status(std::string_view text) {
    const auto status = parse_status_code(trim(text));
    return status && status->status_class >= 4 ? status : std::nullopt;
}

/// Reads one outcome, arguments in the order in which imta_access(5) lists the flags.
void decode(const mapping::Outcome& outcome, FilterDecision& decision) {
    const auto flag = [&](char letter) { return outcome.flags.has(letter); };
    ArgumentReader arguments(output_of(outcome));
    const auto next = [&] { return without_controls(arguments.next()); };
    if (flag('<')) decision.syslog.push_back(next());
    if (flag('T')) decision.subject_tags.push_back(next());
    if (flag('A')) decision.headers.push_back(next());
    if (flag('G')) {
        const std::string tags = next();
        for (const auto tag : split(tags, ',')) {
            if (!trim(tag).empty()) decision.conversion_tags.emplace_back(trim(tag));
        }
    }
    if (flag('D')) {
        std::string channel = next();
        if (!trim(channel).empty()) decision.channel = trim(channel);
    }
    StatusCode status{5, 7, 1};
    if (flag('X')) {
        const std::string text = next();
        if (const auto given = refusal_status(text)) {
            status = *given;
        } else {
            decision.warnings.push_back(
                std::string(table) + ": flag $X: \"" + text + "\" is no enhanced code"
            );
        }
    }
    if (flag('N') || flag('F')) {
        std::string_view text = arguments.rest();
        if (text.empty()) text = "refused by a filter of this site";
        const int code = status.status_class == 4 ? 451 : 550;
        decision.refusal = make_reply(code, status, text, {});
    }
    decision.pass = decision.pass || flag('Y');
    decision.hold = decision.hold || flag('H');
    decision.discard = decision.discard || flag('V');
}

}  // namespace

FilterDecision check_filter(const Context& context, const FilterReport& report) {
    FilterDecision decision;
    const std::string front = std::to_string(report.filter) + '|' + report.source_channel + '|' +
                              report.destination_channel + '|' +
                              guarded(report.sender, context.options) + '|';
    const auto ask = [&](std::string_view kind, std::string_view text) {
        const std::string input =
            front + std::string(kind) + '|' + guarded(without_controls(text), context.options);
        const auto outcome =
            mapping::probe(context.tables, table, input, {}, context.answers, context.trace);
        for (const std::string& warning : outcome.warnings) decision.warnings.push_back(warning);
        decision.pending = decision.pending || outcome.pending;
        if (outcome.matched && !outcome.pending) decode(outcome, decision);
        return outcome.table_exists;
    };
    if (!ask(report.verdict, report.text)) return decision;
    for (const std::string& field : report.added_fields) {
        if (!decision.pending) ask("header", field);
    }
    return decision;
}

}  // namespace sluice::access
