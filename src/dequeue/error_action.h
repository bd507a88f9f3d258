#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"
#include "dequeue/settlement.h"
#include "mapping/answers.h"
#include "queue/envelope.h"

// The mapping table ERROR_ACTION: what the postmaster wants to become of mail that fails for good
// (postoffice-and-qmail-features.md section 2.8). Pure but for the answers.
namespace sluice::dequeue {

inline constexpr std::string_view error_action_table = "ERROR_ACTION";

/// What the table is asked about: one recipient that is to be given up.
struct ErrorCase {
    std::string condition;  ///< unknown-user, max-hops, quota, size, expired, ...
    std::string channel;
    std::string sender;  ///< empty for the null reverse path
    std::string recipient;
    StatusCode status;
};

ErrorCase error_case(
    const std::string& channel,
    const std::string& sender,
    const queue::Recipient& recipient,
    const RecipientOutcome& outcome
);

/// The answer; without a table, or an entry that matches, the usual: return to the sender.
struct ErrorAction {
    bool hold = false;           ///< `$H`
    bool discard = false;        ///< `$D`
    bool notify = false;         ///< `$N`
    bool tell_sender = true;     ///< false with `$N$S`
    std::string notify_address;  ///< instead of the postmaster; empty: him
    std::vector<std::string> warnings;
};
ErrorAction decide_error_action(
    const config::Configuration& configuration, const ErrorCase& error, mapping::Answers& answers
);

}  // namespace sluice::dequeue
