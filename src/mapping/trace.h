#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "mapping/flag_set.h"

namespace sluice::mapping {

/// An element of a pattern or a part of a template, as written, and what came of it.
struct TracePart {
    std::string source;
    std::string text;  ///< what the element took, or what the part gave
    std::string note;  ///< what else it did, or why it failed; may be empty

    friend bool operator==(const TracePart&, const TracePart&) = default;
};

/// One thing the engine did, for `test -mapping` and for "why was this refused?".
struct TraceStep {
    enum class Event : std::uint8_t {
        probe,            ///< `input` is put to a table; its steps follow, and then `result`
        passed_over,      ///< the index ruled out `count` entries in a row, the first at `where`
        not_matched,      ///< the pattern does not cover the text; `detail` says where it parts
        abandoned,        ///< the comparison took too many steps and counts as no match
        matched,          ///< the pattern covers the text; what its template does follows
        succeeded,        ///< the template ran to its end; `output` is what it made
        failed,           ///< a part of the template failed; `detail` says which
        restart_refused,  ///< the restart limit ended the mapping
        next_pass,        ///< the end of the table, and `$L` in force: from the top again
        ended,            ///< too many templates in one probe; `detail` says so
        no_table,         ///< the table does not exist
        pending,          ///< an answer is not there yet
        result,           ///< what the table says: `detail`, `output` and `flags`
    };
    Event event = Event::not_matched;
    unsigned depth = 0;  ///< 0 the table probed, more inside `$|...|`
    std::string table;
    SourceLocation where;
    std::string pattern;
    std::string template_text;
    std::string input;
    std::vector<std::string> fields;
    std::vector<TracePart> elements;  ///< of the pattern, up to where the comparison stopped
    std::vector<TracePart> parts;     ///< of the template, up to where it ended
    std::string output;
    std::string flags;  ///< all flags set so far
    std::string detail;
    std::size_t count = 0;

    /// What the index does for an entry it names counts as the entry's own.
    [[nodiscard]] bool concerns_an_entry() const;
    /// One line; elements and parts are left out.
    [[nodiscard]] std::string to_string() const;
};

std::string_view to_string(TraceStep::Event event);

/// Filled by `probe` when the caller asks for it. What it tells is what happened: the same entries
/// are compared, in the same way, as without a trace.
class Trace {
public:
    enum class Detail : std::uint8_t {
        considered,   ///< entries that the index rules out are only counted
        every_entry,  ///< for those, too, the place where they part from the text is told
    };
    explicit Trace(Detail detail = Detail::considered) : detail_(detail) {}

    void add(TraceStep step);
    [[nodiscard]] Detail detail() const { return detail_; }
    [[nodiscard]] const std::vector<TraceStep>& steps() const { return steps_; }
    /// Whether steps were left out (limits::trace_steps, trace_octets).
    [[nodiscard]] bool truncated() const { return truncated_; }
    /// One line per step, indented by depth.
    [[nodiscard]] std::string to_string() const;

private:
    Detail detail_;
    std::vector<TraceStep> steps_;
    std::size_t octets_ = 0;
    bool truncated_ = false;
};

}  // namespace sluice::mapping
