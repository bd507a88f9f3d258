#include "dequeue/error_action.h"

#include "base/bytes.h"
#include "mapping/engine.h"

namespace sluice::dequeue {

namespace {

struct ConditionRow {
    StatusCode status;
    std::string_view condition;
};

// RFC 3463 section 3.
constexpr ConditionRow conditions[] = {
    {{5, 1, 1}, "unknown-user"}, {{5, 1, 6}, "unknown-user"}, {{5, 1, 10}, "unknown-user"},
    {{5, 4, 6}, "max-hops"},     {{5, 2, 2}, "quota"},        {{5, 2, 3}, "size"},
    {{5, 3, 4}, "size"},         {{5, 3, 0}, "system"},       {{5, 3, 5}, "system"},
};

/// What has no sender cannot be returned, whatever the failure.
std::string_view condition_of(
    const std::string& channel, const std::string& sender, const RecipientOutcome& outcome
) {
    if (sender.empty()) return "unreturnable";
    if (outcome.notice == Notice::timed_out) return "expired";
    if (starts_with_ignoring_case(channel, "pipe")) return "program-failed";
    for (const ConditionRow& row : conditions) {
        if (row.status == outcome.status) return row.condition;
    }
    return "undeliverable";
}

/// A bar or a control in an address would make another probe of it.
std::string field(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != '|' && !is_control(c)) out += c;
    }
    return out;
}

}  // namespace

ErrorCase error_case(
    const std::string& channel,
    const std::string& sender,
    const queue::Recipient& recipient,
    const RecipientOutcome& outcome
) {
    return {
        std::string(condition_of(channel, sender, outcome)), channel, sender, recipient.address,
        outcome.status};
}

ErrorAction decide_error_action(
    const config::Configuration& configuration, const ErrorCase& error, mapping::Answers& answers
) {
    const std::string input = error.condition + '|' + error.channel + '|' +
                              (error.sender.empty() ? "<>" : field(error.sender)) + '|' +
                              field(error.recipient) + '|' + error.status.to_string();
    const auto outcome = mapping::probe(
        configuration.mappings, error_action_table, input, mapping::InputFlags(), answers
    );
    ErrorAction action;
    action.warnings = outcome.warnings;
    if (!outcome.matched || outcome.pending) return action;
    // `$R` is the control sequence that tries the table again with the output, which nothing
    // matches: an entry with it alone ends with the usual action, as it says.
    action.hold = outcome.flags.has('H');
    action.discard = !action.hold && outcome.flags.has('D');
    action.notify = outcome.flags.has('N');
    action.tell_sender = !(action.notify && outcome.flags.has('S'));
    const std::string_view address = trim(outcome.output);
    if (address.find_first_of(" \t|<>") == std::string_view::npos) action.notify_address = address;
    return action;
}

}  // namespace sluice::dequeue
