#pragma once

#include <set>
#include <string>
#include <string_view>

#include "config/configuration.h"
#include "mapping/answers.h"
#include "mapping/engine.h"
#include "mapping/trace.h"

namespace sluice::policy {

/// Where it is noted what mapping tables did. A member that is null: nowhere.
struct TableNotes {
    mapping::Trace* trace = nullptr;
    /// What the engine has to say for the component log (W_MATCH_LIMIT); each text once.
    std::set<std::string>* warnings = nullptr;
};

/// Puts `text` to a table of the configuration.
mapping::Outcome probe_table(
    const config::Configuration& configuration,
    std::string_view table,
    std::string_view text,
    const mapping::InputFlags& flags,
    mapping::Answers& answers,
    const TableNotes& notes
);

/// The table, or something that it asked, has no answer at the moment: what it said does not count.
bool has_no_answer(const mapping::Outcome& outcome);

}  // namespace sluice::policy
