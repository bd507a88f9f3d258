#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "rewrite/expansion.h"
#include "rewrite/host_table.h"
#include "rewrite/match.h"
#include "rewrite/rule_set.h"
#include "rewrite/trace.h"

namespace sluice::rewrite {

/// What the search for a rule has to read. All parts must outlive the search.
struct SearchSpace {
    const RuleSet& rules;
    const HostTable& hosts;
    const Options& options;
    const Context& context;
    Answers& answers;
    Trace* trace;
};

enum class Found { rule, channel_table, nothing, not_now };

/// The search for the rule that applies to one host: patterns from the most specific to the least,
/// rules of the file before the domain database, the channel table in between.
///
///     $*   host   (channel table)   *.b.c   .b.c   *.*.c   .c   *.*.*   .
///     $*   [1.2.3.4]   (channel table)   [1.2.3.]   [1.2.]   [1.]   []   [*.*.*.*]   .
class RuleSearch {
public:
    RuleSearch(
        const SearchSpace& space, std::string_view address, const FirstHost& first, std::string tag
    );

    /// Looks for a rule; where one is found, `expansion()` is what it made.
    Found run();
    /// Tries the rules `$%` or `$!` for a host at the position percent or bang.
    Found run_last_chance();
    [[nodiscard]] Expansion& expansion() { return expansion_; }

private:
    enum class Sources { file, file_and_database };

    Found search();
    Found probe_name();
    Found probe_literal();
    Found probe(std::string_view pattern, const Match& match, Sources sources);
    /// `rule` is null for a template of the domain database.
    Found try_template(const Template& templ, const Rule* rule, const Match& match);
    Found try_database(const Match& match);
    [[nodiscard]] bool is_in_channel_table() const;
    void note(TraceEvent event, const SourceLocation& where, std::string detail) const;
    void note_rule(TraceEvent event, const Rule* rule, const Template& templ, std::string detail);
    void note_considered(Found found) const;

    const SearchSpace& space_;
    std::string_view address_;
    const FirstHost& first_;
    std::string tag_;
    HostParts host_;
    std::string key_;  // tag and pattern
    Expansion expansion_;
    // Kept only for a trace. A host such as `.b.c` is a pattern itself, so that a rule can be tried
    // twice: as the exact name and as a generalised one.
    std::set<const Rule*> tried_;
    // Rules with the pattern of the one used that stand behind it.
    std::span<const Rule* const> behind_;
};

}  // namespace sluice::rewrite
