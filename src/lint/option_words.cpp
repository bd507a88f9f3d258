// L031: options whose value is one of a few words, and is none of them.
#include <initializer_list>

#include "base/bytes.h"
#include "lint/lint.h"

namespace sluice::lint {

namespace {

using config::OptionId;

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
        Code::unknown_option_word, options.where(id), config::option_row(id).name() + " is " + text
    );
}

}  // namespace

void check_option_words(const config::Configuration& configuration, Findings& findings) {
    const config::Options& options = configuration.options;
    check_word(options, OptionId::log_stdout, {"", "0", "json", "pmdf", "qmail"}, findings);
    check_word(options, OptionId::log_timestamp, {"tai64n", "none"}, findings);
    check_word(options, OptionId::log_qmail_pid, {"session", "process"}, findings);
    check_word(options, OptionId::log_full_action, {"drop", "stop"}, findings);
    check_word(options, OptionId::loop_action, {"hold", "reject", "return"}, findings);
    check_word(options, OptionId::service_manager, {"auto", "none", "systemd"}, findings);
}

}  // namespace sluice::lint
