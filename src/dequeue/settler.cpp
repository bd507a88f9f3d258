#include "dequeue/settler.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "base/kill_point.h"
#include "base/log.h"
#include "channel/channel_settings.h"
#include "dequeue/age_limits.h"
#include "dequeue/attempt.h"
#include "dequeue/attempt_log.h"
#include "dequeue/finished_memory.h"
#include "enqueue/logged_headers.h"
#include "queue/deletion_mark.h"
#include "queue/failure.h"

namespace sluice::dequeue {

namespace {

/// Of the first recipient that is held.
std::string hold_reason(const Attempt& attempt) {
    for (std::size_t i = 0; i < attempt.held.size(); ++i) {
        if (!attempt.held[i]) continue;
        if (!attempt.hold_reasons[i].empty()) return attempt.hold_reasons[i];
        const std::string& why = attempt.settlement.recipients[i].diagnostic;
        if (attempt.dispositions[i].hold) return why;
        return "policy: mail for the postmaster cannot be delivered: " + why;
    }
    return "policy";
}

std::string relative_file(const queue::MessageLocation& location) {
    const std::string name = location.name.to_string();
    return location.sub_directory.empty() ? name : location.sub_directory + '/' + name;
}

}  // namespace

Settler::Settler(enqueue::Runtime& runtime, const channel::Channel& channel, unsigned thread)
    : runtime_(runtime),
      channel_(channel),
      actor_{channel.name(), static_cast<std::uint32_t>(::getpid()), thread},
      log_options_(enqueue::log_options_of(runtime.configuration(), channel.name())),
      logs_(channel::has_logging(channel)),
      logs_headers_(
          runtime.limits().logged_headers != nullptr &&
          enqueue::header_logging(&channel, false).at_dequeue
      ) {}

void Settler::begin(Attempt& attempt) {
    const queue::Envelope& envelope = attempt.file.envelope();
    attempt.now = runtime_.store().clock().wall_now();
    const auto age =
        std::chrono::duration_cast<std::chrono::seconds>(attempt.now - envelope.enqueued);
    const AgeLimits limits = age_limits(runtime_.configuration(), channel_, envelope);
    std::optional<std::chrono::seconds> warned;
    if (is_warning_due(age, limits, warned)) {
        const auto history = attempt.file.history();
        // A history that cannot be read must not make a warning of every attempt.
        warned = history ? warned_age(*history, envelope.enqueued) : age;
    }
    attempt.settlement = settle(attempt.recipients, attempt.dispositions, age, limits, warned);
    for (std::vector<bool>* flags : {&attempt.told, &attempt.warned, &attempt.held})
        flags->assign(attempt.indexes.size(), false);
    attempt.hold_reasons.assign(attempt.indexes.size(), {});
}

void Settler::settle_attempt(Attempt& attempt, jobs::DoneItem& done) {
    begin(attempt);
    const bool unwanted = queue::is_marked_for_deletion(runtime_.store(), attempt.location);
    if (unwanted) {
        drop_the_rest(attempt);
    } else {
        apply_error_actions(attempt);
    }
    send_notices(attempt);
    mark_held(attempt);
    settle_file(attempt.settlement, attempt.held);
    for (const Disposition& disposition : attempt.dispositions) {
        if (disposition.host_failed) done.host_report = jobs::HostReport::failed;
        if (!disposition.remote_host.empty() && done.host_report == jobs::HostReport::none) {
            done.host_report = jobs::HostReport::reached;
        }
        if (disposition.kind == Disposition::Kind::deferred && done.reason.empty()) {
            done.reason = jobs::cut_reason(disposition.diagnostic);
        }
    }
    log::TransactionLog& log = runtime_.log();
    if (log.has_readers(logs_)) {
        std::vector<log::Event> events = events_of(runtime_, attempt);
        if (logs_headers_) add_header_entries(runtime_, attempt, events);
        log.write(events, log_options_);
    }
    kill_point("settler.logged");
    finish_file(attempt, done);
    kill_point("settler.finished");
    if (unwanted) queue::clear_deletion_mark(runtime_.store(), attempt.location);
}

// An operator deletes the message while we have it: who has it keeps it, and nobody is told.
void Settler::drop_the_rest(Attempt& attempt) {
    for (RecipientOutcome& outcome : attempt.settlement.recipients) {
        if (outcome.fate == Fate::delivered) continue;
        outcome.fate = Fate::given_up;
        outcome.notice = Notice::none;
        outcome.diagnostic = "deleted by an operator";
    }
}

bool Settler::settle_age(Attempt& attempt, bool held_back) {
    begin(attempt);
    bool is_due = false;
    for (RecipientOutcome& outcome : attempt.settlement.recipients) {
        if (held_back && outcome.notice == Notice::delayed) outcome.notice = Notice::deferred;
        is_due = is_due || outcome.notice != Notice::none;
    }
    if (!is_due) return false;
    apply_error_actions(attempt);
    send_notices(attempt);
    settle_file(attempt.settlement, attempt.held);
    const auto events = events_of_ageing(runtime_, attempt);
    if (!events.empty()) runtime_.log().write(events, log_options_);
    if (attempt.settlement.action == FileAction::next_attempt) return !events.empty();
    jobs::DoneItem nobody_asks;
    finish_file(attempt, nobody_asks);
    return true;
}

// What the channel itself asks to be held.
void Settler::mark_held(Attempt& attempt) {
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (attempt.dispositions[i].hold && stays(attempt.settlement.recipients[i].fate))
            attempt.held[i] = true;
    }
}

void Settler::finish_file(Attempt& attempt, jobs::DoneItem& done) {
    switch (attempt.settlement.action) {
        case FileAction::remove:
            remove_finished(attempt, done);
            return;
        case FileAction::next_attempt:
            next_attempt(attempt, done);
            return;
        case FileAction::hold:
            hold(attempt, done);
            return;
        case FileAction::replace:
            replace(attempt, done);
            return;
        case FileAction::divide:
            if (hold_apart(attempt)) {
                replace(attempt, done);
            } else {
                next_attempt(attempt, done);
            }
            return;
    }
}

void Settler::announce_start(Attempt& attempt) {
    static std::atomic<std::uint64_t> last_delivery{0};
    log::TransactionLog& log = runtime_.log();
    if (!log.wants(log::EventKind::delivery_started, false, log_options_)) return;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i)
        attempt.delivery_numbers.push_back(++last_delivery);
    log.write(events_of_start(runtime_, attempt), log_options_);
}

void Settler::announce_end(const Attempt& attempt) {
    log::TransactionLog& log = runtime_.log();
    if (!log.wants(log::EventKind::message_gone, false, log_options_)) return;
    const log::Event event = event_of_end(runtime_, attempt.file, attempt.location);
    log.write({&event, 1}, log_options_);
}

void Settler::leave_out_finished(queue::MessageFile& file, std::vector<std::size_t>& unfinished) {
    FinishedMemory& memory = FinishedMemory::instance();
    const std::string unique = file.location().name.unique;
    const auto finished = memory.noted(unique);
    if (finished.empty()) return;
    bool recorded = true;
    for (const std::size_t i : finished) {
        const std::string& address = file.envelope().recipients.at(i).address;
        recorded = recorded && file.record_done(actor_, address, "before").has_value();
    }
    if (recorded) memory.forget(unique);
    std::erase_if(unfinished, [&](std::size_t i) { return finished.contains(i); });
}

// What cannot be removed must not be delivered once a minute: the file says who is finished, and
// where it cannot even say that, this process remembers.
void Settler::remove_finished(Attempt& attempt, jobs::DoneItem& done) {
    done.outcome = jobs::Outcome::ok;
    const auto removed = attempt.file.remove();
    if (removed || queue::failure_kind(removed.error()) == queue::Failure::gone) {
        FinishedMemory::instance().forget(attempt.location.name.unique);
        if (removed) announce_end(attempt);
        return;
    }
    diag::warning("finished message not removed: " + removed.error().detail());
    record_finished(attempt);
    done.outcome = jobs::Outcome::locked;
}

/// Notes in the file who is finished, so that they do not get it twice; where that fails, in
/// memory.
void Settler::record_finished(Attempt& attempt) {
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (stays(attempt.settlement.recipients[i].fate)) continue;
        const std::string& address = attempt.recipients[i].address;
        const auto noted =
            attempt.file.record_done(actor_, address, attempt.settlement.recipients[i].diagnostic);
        if (noted) continue;
        FinishedMemory::instance().note(attempt.location.name.unique, attempt.indexes[i]);
        diag::warning(
            "duplicate possible for " + address +
            " if this program ends now: " + noted.error().detail()
        );
    }
}

queue::HistoryRecord Settler::history_record(const Attempt& attempt, queue::HistoryCode code)
    const {
    queue::HistoryRecord record;
    record.when = attempt.now;
    record.channel = channel_.name();
    record.code = code;
    record.attempt = attempt.location.name.attempts + 1;
    record.process = actor_.process;
    record.thread = actor_.thread;
    return record;
}

void Settler::note_failures(Attempt& attempt, queue::HistoryCode code) {
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (!stays(attempt.settlement.recipients[i].fate)) continue;
        queue::HistoryRecord record = history_record(attempt, code);
        record.recipient = attempt.recipients[i].address;
        record.host = attempt.dispositions[i].remote_host;
        record.text = attempt.settlement.recipients[i].diagnostic;
        attempt.file.append_history(record);
    }
}

void Settler::next_attempt(Attempt& attempt, jobs::DoneItem& done) {
    note_failures(attempt, queue::HistoryCode::temporary_failure);
    done.outcome = jobs::Outcome::temp;
    if (auto renamed = attempt.file.rename_attempt(); !renamed)
        diag::warning(renamed.error().detail());
    done.new_file = relative_file(attempt.file.location());
}

// What the channel or the postmaster asks to be held, and: mail for the postmaster that fails and
// has no sender waits for an operator: there is nobody to tell, and throwing it away would lose it
// (spec page notifications, section 2).
void Settler::hold(Attempt& attempt, jobs::DoneItem& done) {
    note_failures(attempt, queue::HistoryCode::temporary_failure);
    record_finished(attempt);
    const std::string reason = hold_reason(attempt);
    if (auto held = attempt.file.hold(actor_, reason); !held) {
        diag::warning("message not held: " + held.error().detail());
        next_attempt(attempt, done);
        return;
    }
    log_hold(attempt, attempt.file.location(), reason);
    done.outcome = jobs::Outcome::held;
    done.reason = jobs::cut_reason(reason);
}

/// The recipients that are to be held get a file of their own; the others go on without them.
bool Settler::hold_apart(Attempt& attempt) {
    std::vector<std::size_t> apart;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (attempt.held[i] && stays(attempt.settlement.recipients[i].fate))
            apart.push_back(attempt.indexes[i]);
    }
    const std::string reason = hold_reason(attempt);
    const auto held = attempt.file.hold_apart(apart, reason, channel::subdirectory_count(channel_));
    if (!held) {
        diag::warning("recipients not held: " + held.error().detail());
        return false;
    }
    for (const std::size_t index : apart) {
        const std::string& address = attempt.file.envelope().recipients[index].address;
        if (auto noted = attempt.file.record_done(actor_, address, "held apart: " + reason); !noted)
            diag::warning("duplicate possible for " + address + ": " + noted.error().detail());
    }
    log_hold(attempt, *held, reason);
    return true;
}

void Settler::log_hold(
    const Attempt& attempt, const queue::MessageLocation& where, const std::string& reason
) {
    diag::warning("%IMTA-W-HELD, " + where.relative_path() + ": " + reason);
    const log::Event event = event_of_hold(runtime_, attempt, reason);
    runtime_.log().write({&event, 1}, log_options_);
}

void Settler::replace(Attempt& attempt, jobs::DoneItem& done) {
    std::vector<std::size_t> remaining;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (attempt.goes_on(i)) remaining.push_back(attempt.indexes[i]);
    }
    note_failures(attempt, queue::HistoryCode::others_delivered);  // the new file inherits it
    auto replaced =
        attempt.file.replace_with_remaining(remaining, channel::subdirectory_count(channel_));
    if (replaced) {
        if (runtime_.log().has_readers(logs_)) {
            runtime_.log().write(events_of_replacement(runtime_, attempt, *replaced), log_options_);
        }
        done.outcome = jobs::Outcome::renamed;
        done.new_file = relative_file(*replaced);
        done.recipients = static_cast<std::uint32_t>(remaining.size());
        return;
    }
    // No room for a new file.
    diag::warning("partly delivered message not rewritten: " + replaced.error().detail());
    record_finished(attempt);
    next_attempt(attempt, done);
}

}  // namespace sluice::dequeue
