#include "dequeue/settlement.h"

#include <algorithm>
#include <cassert>

namespace sluice::dequeue {

namespace {

bool wants(const queue::Recipient& recipient, queue::NotifyFlag flag) {
    const unsigned flags = recipient.notify_flags();
    return (flags & queue::notify_never) == 0 && (flags & flag) != 0;
}

Notice success_notice(Disposition::Kind kind) {
    if (kind == Disposition::Kind::relayed) return Notice::relayed;
    return kind == Disposition::Kind::expanded ? Notice::expanded : Notice::delivered;
}

RecipientOutcome outcome_of(
    const queue::Recipient& recipient, const Disposition& disposition, bool too_old, bool warn
) {
    switch (disposition.kind) {
        case Disposition::Kind::delivered:
        case Disposition::Kind::relayed:
        case Disposition::Kind::expanded: {
            Notice notice = Notice::none;
            if (wants(recipient, queue::notify_success) && !disposition.peer_reports)
                notice = success_notice(disposition.kind);
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
    const Notice notice = warn ? Notice::delayed : Notice::none;
    return {Fate::stays, notice, disposition.status, disposition.diagnostic};
}

}  // namespace

bool is_warning_due(
    std::chrono::seconds age, const AgeLimits& limits, std::optional<std::chrono::seconds> warned
) {
    const auto beyond = std::upper_bound(limits.warn_after.begin(), limits.warn_after.end(), age);
    return beyond != limits.warn_after.begin() && (!warned || *warned < *(beyond - 1));
}

Settlement settle(
    const std::vector<queue::Recipient>& recipients,
    const std::vector<Disposition>& dispositions,
    std::chrono::seconds age,
    const AgeLimits& limits,
    std::optional<std::chrono::seconds> warned
) {
    assert(!recipients.empty() && recipients.size() == dispositions.size());
    Settlement settlement;
    const bool too_old = age >= limits.give_up_after;
    const bool warn = is_warning_due(age, limits, warned);
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        settlement.recipients.push_back(outcome_of(recipients[i], dispositions[i], too_old, warn));
    }
    settle_file(settlement);
    return settlement;
}

void settle_file(Settlement& settlement, const std::vector<bool>& held) {
    std::size_t staying = 0;
    std::size_t to_hold = 0;
    for (std::size_t i = 0; i < settlement.recipients.size(); ++i) {
        if (!stays(settlement.recipients[i].fate)) continue;
        ++staying;
        if (i < held.size() && held[i]) ++to_hold;
    }
    const bool all = staying == settlement.recipients.size();
    settlement.action = staying == 0         ? FileAction::remove
                        : to_hold == staying ? FileAction::hold
                        : to_hold > 0        ? FileAction::divide
                        : all                ? FileAction::next_attempt
                                             : FileAction::replace;
    for (RecipientOutcome& outcome : settlement.recipients) {
        if (!stays(outcome.fate)) continue;
        const bool alone =
            settlement.action == FileAction::replace || settlement.action == FileAction::divide;
        outcome.fate = alone ? Fate::stays_alone : Fate::stays;
    }
}

}  // namespace sluice::dequeue
