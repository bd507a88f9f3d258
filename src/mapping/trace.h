#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "mapping/flag_set.h"

namespace sluice::mapping {

/// One thing the engine did with one entry, for `test -mapping` and for "why was this refused?".
struct TraceStep {
    enum class Event : std::uint8_t {
        not_matched,      ///< the pattern does not cover the text; `detail` says where it parts
        abandoned,        ///< the comparison took too many steps and counts as no match
        succeeded,        ///< the template ran to its end; `output` is what it made
        failed,           ///< a part of the template failed; `detail` says which
        restart_refused,  ///< the restart limit ended the mapping
        no_table,         ///< the table does not exist
        pending,          ///< an answer is not there yet
    };
    Event event = Event::not_matched;
    unsigned depth = 0;  ///< 0 the table probed, more inside `$|...|`
    std::string table;
    SourceLocation where;
    std::string pattern;
    std::string input;
    std::vector<std::string> fields;
    std::string output;
    std::string flags;  ///< all flags set so far
    std::string detail;

    [[nodiscard]] std::string to_string() const;
};

/// Filled by `probe` when the caller asks for it. With a trace every entry is compared and shown,
/// also those the index would skip.
class Trace {
public:
    void add(TraceStep step);
    [[nodiscard]] const std::vector<TraceStep>& steps() const { return steps_; }
    /// Whether steps were left out (limits::trace_steps).
    [[nodiscard]] bool truncated() const { return truncated_; }
    /// One line per step, indented by depth.
    [[nodiscard]] std::string to_string() const;

private:
    std::vector<TraceStep> steps_;
    bool truncated_ = false;
};

}  // namespace sluice::mapping
