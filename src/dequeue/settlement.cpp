#include "dequeue/settlement.h"

#include <algorithm>
#include <cassert>

namespace sluice::dequeue {

namespace {

bool wants(const queue::Recipient& recipient, queue::NotifyFlag flag) {
    const unsigned flags = recipient.notify_flags();
    return (flags & queue::notify_never) == 0 && (flags & flag) != 0;
}

RecipientOutcome outcome_of(
    const queue::Recipient& recipient, const Disposition& disposition, bool too_old
) {
    switch (disposition.kind) {
        case Disposition::Kind::delivered:
        case Disposition::Kind::relayed: {
            Notice notice = Notice::none;
            if (wants(recipient, queue::notify_success) && !disposition.peer_reports) {
                notice = disposition.kind == Disposition::Kind::relayed ? Notice::relayed
                                                                        : Notice::delivered;
            }
            return {Fate::delivered, notice, disposition.status, disposition.diagnostic};
        }
        case Disposition::Kind::failed:
            return {Fate::given_up, Notice::failed, disposition.status, disposition.diagnostic};
        case Disposition::Kind::deferred:
            break;
    }
    if (too_old) {
        // RFC 3463 section 3.5: delivery time expired; the last reason stays in the diagnostic.
        return {Fate::given_up, Notice::timed_out, {5, 4, 7}, disposition.diagnostic};
    }
    return {Fate::stays, Notice::none, disposition.status, disposition.diagnostic};
}

}  // namespace

Settlement settle(
    const std::vector<queue::Recipient>& recipients,
    const std::vector<Disposition>& dispositions,
    std::chrono::seconds age,
    const AgeLimits& limits
) {
    assert(!recipients.empty() && recipients.size() == dispositions.size());
    Settlement settlement;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        settlement.recipients.push_back(
            outcome_of(recipients[i], dispositions[i], age >= limits.give_up_after)
        );
    }
    const auto staying = std::count_if(
        settlement.recipients.begin(), settlement.recipients.end(),
        [](const RecipientOutcome& outcome) { return outcome.fate == Fate::stays; }
    );
    if (staying == 0) {
        settlement.action = FileAction::remove;
    } else if (static_cast<std::size_t>(staying) < recipients.size()) {
        settlement.action = FileAction::replace;
        for (RecipientOutcome& outcome : settlement.recipients) {
            if (outcome.fate == Fate::stays) outcome.fate = Fate::stays_alone;
        }
    }
    return settlement;
}

}  // namespace sluice::dequeue
