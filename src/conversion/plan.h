#pragma once

#include <string>
#include <vector>

#include "conversion/entry.h"
#include "conversion/environment.h"
#include "conversion/labels.h"
#include "conversion/value.h"

// Which entry is used for a part, and why not the others (spec page conversions, sections 2.2 and
// 2.3). Pure: mapping tables are asked through a function of the caller.
namespace sluice::conversion {

/// One entry compared with one part.
struct Tried {
    const Entry* entry = nullptr;
    bool matched = false;
    std::string text;  ///< why not; what it did where it matched
};

struct PartPlan {
    const Entry* entry = nullptr;  ///< that is used; nullptr: none but those with RELABEL
    Labels before;                 ///< labels of the part as they were when `entry` matched
    Labels after;                  ///< and with the OUT- clauses of all entries that matched
    bool relabeled = false;        ///< entries with RELABEL matched
    bool not_now = false;          ///< a mapping table has no answer: the message waits
    SymbolTable symbols;           ///< for the command, without those of files
    std::vector<Tried> tried;

    [[nodiscard]] bool deletes() const { return entry != nullptr && entry->deletes; }
    [[nodiscard]] bool runs_command() const { return entry != nullptr && entry->command; }
};

/// Entries outlive the plan.
PartPlan plan_part(
    const Entries& entries,
    const MessageFacts& message,
    const PartFacts& part,
    const AskTable& ask_table
);

/// The same with entries that only relabel (RELABEL without COMMAND or DELETE); the others are not
/// looked at.
PartPlan plan_relabels(
    const Entries& entries,
    const MessageFacts& message,
    const PartFacts& part,
    const AskTable& ask_table
);

/// An entry with SERVICE-COMMAND for a part, with its header, or for the message; nullptr: none.
/// Those that were compared are added to `tried`.
const Entry* find_service(
    const Entries& entries,
    const MessageFacts& message,
    const PartFacts& part,
    std::vector<Tried>& tried
);

/// Applies the OUT-, COPY and PARAMETER clauses of an entry. False when a table has no answer now.
bool apply_out_clauses(
    const Entry& entry, const SymbolTable& symbols, const AskTable& ask_table, Labels& labels
);

}  // namespace sluice::conversion
