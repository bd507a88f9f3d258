#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dequeue/disposition.h"
#include "queue/envelope.h"

// From what a channel program reports to what is done about it: which recipients are final, what
// there is to tell about them, what happens to the file. Pure (spec pages queue 4.2, notifications
// 1, logging 3.1).
namespace sluice::dequeue {

/// The age limits of the message's channel and priority (keywords `notices`).
struct AgeLimits {
    std::vector<std::chrono::seconds> warn_after;  ///< ascending
    std::chrono::seconds give_up_after{std::chrono::hours(24 * 12)};
    std::chrono::seconds unit{std::chrono::hours(24)};  ///< what the sender is told ages in
};

/// Whether a warning is due: the highest warning age that was reached has not been warned about. An
/// age that passed without an attempt is not made up for. `warned` is the age of the message at the
/// last warning.
bool is_warning_due(
    std::chrono::seconds age, const AgeLimits& limits, std::optional<std::chrono::seconds> warned
);

enum class Fate : std::uint8_t {
    delivered,    ///< D
    given_up,     ///< final: R where somebody is told, K where nobody may be (notify/recipients.h
                  ///< decides)
    stays,        ///< Q: temporary, and so are all others of the file
    stays_alone,  ///< Z: temporary, while others of the file are final
};

constexpr bool stays(Fate fate) {
    return fate == Fate::stays || fate == Fate::stays_alone;
}

enum class Notice : std::uint8_t {
    none,
    failed,
    timed_out,
    delayed,   ///< the recipient stays; the sender is told that it takes longer
    deferred,  ///< the same, where the message is held back on purpose
    delivered,
    relayed,
    expanded,  ///< others have it in the place of the recipient
    bounced,   ///< returned by the postmaster; no attempt leads to it
};

struct RecipientOutcome {
    Fate fate = Fate::stays;
    Notice notice = Notice::none;
    StatusCode status;       ///< of the notification; differs from the report's when time ran out
    std::string diagnostic;  ///< for the log
};

enum class FileAction : std::uint8_t {
    remove,        ///< all recipients are final
    next_attempt,  ///< none is: history, then the next attempt prefix
    hold,          ///< nobody is left but who can neither be reached nor reported on
    replace,       ///< some are: a new file with the others
    divide,        ///< some are to be held, others go on: a new file for each
};

struct Settlement {
    std::vector<RecipientOutcome> recipients;  ///< one for each disposition, same order
    FileAction action = FileAction::next_attempt;
};

/// `recipients` and `dispositions` belong together and have the same length, at least 1. `warned`:
/// see is_warning_due().
Settlement settle(
    const std::vector<queue::Recipient>& recipients,
    const std::vector<Disposition>& dispositions,
    std::chrono::seconds age,
    const AgeLimits& limits,
    std::optional<std::chrono::seconds> warned = {}
);
/// Decides what happens to the file after a change of fates, and makes the fates agree with it.
/// `held`: for each recipient, whether only holding it is left.
void settle_file(Settlement& settlement, const std::vector<bool>& held = {});

}  // namespace sluice::dequeue
