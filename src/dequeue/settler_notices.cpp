// Who is told about what became of a message, before it does.
#include <algorithm>

#include "base/log.h"
#include "dequeue/attempt.h"
#include "dequeue/error_action.h"
#include "dequeue/error_notice.h"
#include "dequeue/notice_sender.h"
#include "dequeue/settler.h"
#include "lookup/sources.h"

namespace sluice::dequeue {

// ERROR_ACTION: what the postmaster wants to become of mail that fails.
void Settler::apply_error_actions(Attempt& attempt) {
    if (runtime_.configuration().mappings.find(error_action_table) == nullptr) return;
    lookup::BlockingAnswers answers(runtime_.sources());
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        RecipientOutcome& outcome = attempt.settlement.recipients[i];
        if (outcome.fate != Fate::given_up) continue;
        const ErrorCase error = error_case(
            channel_.name(), attempt.file.envelope().sender, attempt.recipients[i], outcome
        );
        const ErrorAction action = decide_error_action(runtime_.configuration(), error, answers);
        for (const std::string& warning : action.warnings) diag::warning(warning);
        const bool notified =
            !action.notify || tell_postmaster(runtime_, channel_, attempt, i, error, action);
        if (action.hold) {
            outcome.fate = Fate::stays;
            outcome.notice = Notice::none;
            attempt.held[i] = true;
            attempt.hold_reasons[i] = "policy: " + error.condition + ": " + outcome.diagnostic;
        } else if (action.discard || (!action.tell_sender && notified)) {
            outcome.notice = Notice::none;
            attempt.told[i] = action.notify && notified;
        }
    }
}

// A recipient is given up only after the notification about it is durable; where that cannot be
// had, it stays.
void Settler::send_notices(Attempt& attempt) {
    for (const Notice kind :
         {Notice::failed, Notice::timed_out, Notice::delayed, Notice::deferred, Notice::delivered,
          Notice::relayed, Notice::expanded}) {
        std::vector<NoticeItem> items;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
            const RecipientOutcome& outcome = attempt.settlement.recipients[i];
            if (outcome.notice != kind) continue;
            items.push_back({&attempt.recipients[i], &attempt.dispositions[i], outcome.status});
            places.push_back(i);
        }
        if (items.empty()) continue;
        const auto sent = send_notice(runtime_, channel_, attempt.file, kind, items, attempt.now);
        if (!sent) diag::warning("notification not queued: " + sent.error().detail());
        const bool is_warning = kind == Notice::delayed || kind == Notice::deferred;
        for (std::size_t k = 0; k < places.size(); ++k) {
            RecipientOutcome& outcome = attempt.settlement.recipients[places[k]];
            if (sent) (is_warning ? attempt.warned : attempt.told)[places[k]] = sent->told[k];
            if ((sent && !sent->hold) || outcome.fate != Fate::given_up) continue;
            outcome.fate = Fate::stays;
            attempt.held[places[k]] = sent.has_value();
            if (!sent)
                outcome.diagnostic = "notification could not be queued: " + sent.error().detail();
        }
    }
    note_warning(attempt);
}

/// So that the next attempt does not warn again.
void Settler::note_warning(Attempt& attempt) {
    if (std::find(attempt.warned.begin(), attempt.warned.end(), true) == attempt.warned.end())
        return;
    queue::HistoryRecord record = history_record(attempt, queue::HistoryCode::delay_warning);
    record.text = "the sender was told about the delay";
    attempt.file.append_history(record);
}

}  // namespace sluice::dequeue
