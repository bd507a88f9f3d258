#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "rewrite/host_table.h"
#include "rewrite/template.h"

namespace sluice::rewrite {

/// One rewrite rule, with its identity.
struct Rule {
    std::string pattern;
    Template templ;
    SourceLocation where;
    std::string line;  ///< as add() got it, for quotations
};

/// The rewrite rules of a configuration, found by their pattern and never by scanning. Patterns are
/// compared without regard to case; rules with the same pattern keep their order. Filled by the
/// reader of imta.cnf, then immutable and safe from many threads.
class RuleSet {
public:
    /// Parses, checks and adds one rule. Reports E201 to E204 (the rule is left out) and W201 and
    /// W202 (it is kept). `line` is the text of the line for quotation; columns are computed from
    /// where pattern and template are found in it. True where the rule was added.
    bool add(
        std::string_view pattern,
        std::string_view template_text,
        SourceLocation where,
        std::string_view line,
        Diagnostics& diagnostics
    );

    /// W203: constant routing systems that no channel owns. Call when the table is complete.
    void check_routing_systems(const HostTable& hosts, Diagnostics& diagnostics) const;

    /// Rules whose pattern is this text, tag included, in file order.
    [[nodiscard]] const std::vector<const Rule*>& find(std::string_view pattern) const;
    /// All rules in file order.
    [[nodiscard]] const std::vector<std::unique_ptr<Rule>>& rules() const { return rules_; }

private:
    std::vector<std::unique_ptr<Rule>> rules_;
    std::unordered_map<std::string, std::vector<const Rule*>, HashIgnoringCase, EqualIgnoringCase>
        by_pattern_;
    std::size_t longest_pattern_ = 0;
};

}  // namespace sluice::rewrite
