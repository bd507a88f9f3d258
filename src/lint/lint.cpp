#include "lint/lint.h"

namespace sluice::lint {

Findings examine(const config::Configuration& configuration) {
    Findings findings;
    check_rules(configuration, findings);
    check_rewriting_loops(configuration, findings);
    check_channels(configuration, findings);
    check_entries(configuration, findings);
    check_table_calls(configuration, findings);
    check_content_tables(configuration, findings);
    check_alias_loops(configuration, findings);
    check_services(configuration, findings);
    check_relaying(configuration, findings);
    check_logs(configuration, findings);
    check_option_words(configuration, findings);
    return findings;
}

}  // namespace sluice::lint
