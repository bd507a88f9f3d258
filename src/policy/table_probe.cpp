#include "policy/table_probe.h"

namespace sluice::policy {

mapping::Outcome probe_table(
    const config::Configuration& configuration,
    std::string_view table,
    std::string_view text,
    const mapping::InputFlags& flags,
    mapping::Answers& answers,
    const TableNotes& notes
) {
    mapping::Outcome outcome =
        mapping::probe(configuration.mappings, table, text, flags, answers, notes.trace);
    if (notes.warnings != nullptr)
        notes.warnings->insert(outcome.warnings.begin(), outcome.warnings.end());
    return outcome;
}

bool has_no_answer(const mapping::Outcome& outcome) {
    return outcome.pending || (outcome.temporary_failure && !outcome.flags.has('Y'));
}

}  // namespace sluice::policy
