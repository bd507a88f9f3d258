// L030, L031: options of the logs that name entries, or have values, which do not exist.
#include <initializer_list>

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

void check_word(
    const config::Options& options,
    OptionId id,
    std::initializer_list<std::string_view> words,
    Findings& findings
) {
    const std::string& text = options.text(id);
    for (const std::string_view word : words) {
        if (equals_ignoring_case(text, word)) return;
    }
    findings.add(
        Code::unknown_log_word, options.where(id), config::option_row(id).name() + " is " + text
    );
}

}  // namespace

void check_logs(const config::Configuration& configuration, Findings& findings) {
    const config::Options& options = configuration.options;
    check_entries_of(
        options, OptionId::log_postoffice_events, postoffice_log::entry_names(), findings
    );
    check_entries_of(options, OptionId::log_qmail_events, qmail_log::entry_names(), findings);
    check_entries_of(options, OptionId::log_commands, config::logged_command_names(), findings);
    check_word(options, OptionId::log_stdout, {"", "0", "json", "pmdf", "qmail"}, findings);
    check_word(options, OptionId::log_timestamp, {"tai64n", "none"}, findings);
    check_word(options, OptionId::log_qmail_pid, {"session", "process"}, findings);
    check_word(options, OptionId::log_full_action, {"drop", "stop"}, findings);
}

}  // namespace sluice::lint
