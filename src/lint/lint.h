#pragma once

#include "config/configuration.h"
#include "lint/finding.h"

// The checker behind `imsimta cnbuild`: a configuration that loads may still not be what its author
// meant. Every check here asks the engines that serve mail (the rewriter, the mapping matcher, the
// policy) and not a second reading of the language, so that a finding is a fact: no check guesses.
// Where a fact cannot be had, because a template asks a database or a routine, the check is silent.
// Pure: configuration in, findings out (docs/lint.md).
namespace sluice::lint {

/// All findings, in the order of the checks; nothing is silenced yet (silence.h), and the lines are
/// not quoted yet.
Findings examine(const config::Configuration& configuration);

// One function for each subject, in files of their own.
void check_rules(const config::Configuration& configuration, Findings& findings);
void check_rewriting_loops(const config::Configuration& configuration, Findings& findings);
void check_alias_loops(const config::Configuration& configuration, Findings& findings);
void check_entries(const config::Configuration& configuration, Findings& findings);
void check_table_calls(const config::Configuration& configuration, Findings& findings);
void check_content_tables(const config::Configuration& configuration, Findings& findings);
void check_channels(const config::Configuration& configuration, Findings& findings);
void check_services(const config::Configuration& configuration, Findings& findings);
void check_relaying(const config::Configuration& configuration, Findings& findings);
void check_logs(const config::Configuration& configuration, Findings& findings);
void check_option_words(const config::Configuration& configuration, Findings& findings);

}  // namespace sluice::lint
