#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "mapping/answers.h"
#include "mapping/flag_set.h"
#include "mapping/table.h"
#include "mapping/trace.h"

// Mapping tables answer questions of policy: may this host connect, may this sender write to that
// recipient, what is this address called outside. Whoever has such a question writes the facts into
// one string, the probe, and hands it to a table. The entries of the table are compared with it
// from top to bottom; the template of the first that matches builds the output string and sets
// flags.
// `$C $L $R $E` in a template say whether the output goes through further entries.
//
// The engine is a pure function of the tables, the probe, the input flags and the answers of the
// world outside (answers.h).
namespace sluice::mapping {

/// What a table said.
struct Outcome {
    bool table_exists = false;
    /// At least one template ran to its end. If not, `output` is the probe; flags may be set all
    /// the same, by templates that failed further right.
    bool matched = false;
    /// An answer is not there yet: nothing else here counts; make the same probe again later.
    bool pending = false;
    /// Some answer was a temporary failure, whatever came of it.
    bool temporary_failure = false;
    std::string output;
    OutputFlags flags;
    /// The last entry whose pattern matched: the one that decided. No file if there was none.
    SourceLocation decided_by;
    /// Lines for the component log: comparisons abandoned, limits reached.
    std::vector<std::string> warnings;

    /// "match=yes flags=NX output=text".
    [[nodiscard]] std::string to_debug_string() const;
};

/// Puts `input` to `table`. Entries considered go to `trace` unless it is null. Reentrant; `tables`
/// may be shared between threads, `answers` and `trace` belong to the caller.
Outcome probe(
    const TableSet& tables,
    std::string_view table,
    std::string_view input,
    const InputFlags& input_flags,
    Answers& answers,
    Trace* trace = nullptr
);

}  // namespace sluice::mapping
