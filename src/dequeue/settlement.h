#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "dequeue/disposition.h"
#include "queue/envelope.h"

// From what a channel program reports to what is done about it: which recipients are final, what
// there is to tell about them, what happens to the file. Pure (spec pages queue 4.2, notifications
// 1, logging 3.1).
namespace sluice::dequeue {

/// The age limits of the message's channel and priority.
struct AgeLimits {
    std::chrono::seconds give_up_after{std::chrono::hours(24 * 12)};
};

enum class Fate : std::uint8_t {
    delivered,    ///< D
    given_up,     ///< final: R where somebody is told, K where nobody may be (notify/recipients.h
                  ///< decides)
    stays,        ///< Q: temporary, and so are all others of the file
    stays_alone,  ///< Z: temporary, while others of the file are final
};

enum class Notice : std::uint8_t {
    none,
    failed,
    timed_out,
    delivered,
    relayed,
    bounced,  ///< returned by the postmaster; no attempt leads to it
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
    replace,       ///< some are: a new file with the others
};

struct Settlement {
    std::vector<RecipientOutcome> recipients;  ///< one for each disposition, same order
    FileAction action = FileAction::next_attempt;
};

/// `recipients` and `dispositions` belong together and have the same length, at least 1.
Settlement settle(
    const std::vector<queue::Recipient>& recipients,
    const std::vector<Disposition>& dispositions,
    std::chrono::seconds age,
    const AgeLimits& limits
);

}  // namespace sluice::dequeue
