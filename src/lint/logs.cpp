// L030: options of the logs that name entries which do not exist.
#include "base/bytes.h"
#include "config/log_options.h"
#include "lint/lint.h"
#include "log/event_switches.h"
#include "postoffice_log/entries.h"
#include "qmail_log/entries.h"

namespace sluice::lint {

namespace {

using config::OptionId;

void check_entries_of(
    const config::Options& options,
    OptionId id,
    std::span<const log::EventSwitches::Name> names,
    Findings& findings
) {
    std::vector<std::string> unknown;
    log::EventSwitches::parse(options.text(id), names, &unknown);
    for (const std::string& word : unknown) {
        findings.add(
            Code::unknown_log_entry, options.where(id),
            config::option_row(id).name() + " names " + word
        );
    }
}

}  // namespace

void check_logs(const config::Configuration& configuration, Findings& findings) {
    const config::Options& options = configuration.options;
    check_entries_of(
        options, OptionId::log_postoffice_events, postoffice_log::entry_names(), findings
    );
    check_entries_of(options, OptionId::log_qmail_events, qmail_log::entry_names(), findings);
    check_entries_of(options, OptionId::log_commands, config::logged_command_names(), findings);
}

}  // namespace sluice::lint
