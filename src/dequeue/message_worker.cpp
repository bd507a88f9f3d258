#include "dequeue/message_worker.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "base/log.h"
#include "channel/channel_settings.h"
#include "dequeue/age_limits.h"
#include "dequeue/attempt.h"
#include "dequeue/attempt_log.h"
#include "dequeue/dequeue_access.h"
#include "dequeue/notice_sender.h"
#include "queue/failure.h"

namespace sluice::dequeue {

MessageWorker::MessageWorker(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    Deliverer& deliverer,
    unsigned thread
)
    : runtime_(runtime),
      channel_(channel),
      deliverer_(deliverer),
      actor_{channel.name(), static_cast<std::uint32_t>(::getpid()), thread},
      log_options_(enqueue::log_options_of(runtime.configuration(), channel.name())),
      logs_(channel::has_logging(channel)) {}

std::string MessageWorker::relative_file(const queue::MessageLocation& location) const {
    const std::string name = location.name.to_string();
    return location.sub_directory.empty() ? name : location.sub_directory + '/' + name;
}

jobs::DoneItem MessageWorker::handle(const jobs::WorkItem& item) {
    jobs::DoneItem done;
    done.handle = item.handle;
    const auto location = queue::MessageLocation::parse(channel_.name() + '/' + item.file);
    if (!location) {
        done.outcome = jobs::Outcome::gone;
        return done;
    }
    auto file = queue::MessageFile::open(runtime_.store(), *location, queue::Access::own);
    if (!file) return cannot_open(file.error(), *location, std::move(done));
    if (file->location().name.state() != queue::MessageState::eligible) {
        done.outcome =
            jobs::Outcome::held;  // by an operator, since the job controller handed it out
        return done;
    }
    if (auto verified = file->verify_content(); !verified) {
        return cannot_open(verified.error(), file->location(), std::move(done));
    }
    auto unfinished = file->unfinished();
    if (!unfinished) return cannot_open(unfinished.error(), file->location(), std::move(done));

    Attempt attempt(std::move(*file));
    attempt.indexes = std::move(*unfinished);
    for (const std::size_t i : attempt.indexes)
        attempt.recipients.push_back(attempt.file.envelope().recipients[i]);
    if (attempt.indexes.empty()) {
        // All were finished before; only the removal is left.
        remove_finished(attempt, done);
        return done;
    }
    if (postpones(attempt, item.host, done)) return done;
    announce_start(attempt);
    attempt.dispositions = deliverer_.deliver(attempt.file, attempt.indexes, item.host);
    if (attempt.dispositions.size() != attempt.indexes.size()) {
        diag::panic(
            "a channel program reported " + std::to_string(attempt.dispositions.size()) + " of " +
            std::to_string(attempt.indexes.size()) + " recipients"
        );
    }
    if (item.host.empty() && attempt.recipients.front().host)
        done.host = *attempt.recipients.front().host;
    settle_attempt(attempt, done);
    return done;
}

// DEQUEUE_ACCESS. What it cannot be asked about now is not processed now.
bool MessageWorker::postpones(
    const Attempt& attempt, const std::string& host, jobs::DoneItem& done
) {
    lookup::BlockingAnswers answers(runtime_.sources());
    const access::DequeueVerdict verdict = check_dequeue(
        runtime_.configuration(), channel_, attempt.file, runtime_.store().root(), host,
        runtime_.store().clock().wall_now(), answers
    );
    for (const std::string& warning : verdict.warnings) diag::warning(warning);
    if (!verdict.postpone && !verdict.pending) return false;
    done.outcome = jobs::Outcome::postponed;
    done.reason = "postponed by DEQUEUE_ACCESS";
    if (verdict.next_attempt_after)
        done.delay = static_cast<std::uint32_t>(verdict.next_attempt_after->count());
    return true;
}

void MessageWorker::announce_start(Attempt& attempt) {
    static std::atomic<std::uint64_t> last_delivery{0};
    log::TransactionLog& log = runtime_.log();
    if (!log.wants(log::EventKind::delivery_started, false, log_options_)) return;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i)
        attempt.delivery_numbers.push_back(++last_delivery);
    log.write(events_of_start(runtime_, attempt), log_options_);
}

jobs::DoneItem MessageWorker::cannot_open(
    const Error& error, const queue::MessageLocation& location, jobs::DoneItem done
) {
    done.reason = jobs::cut_reason(error.detail());
    switch (queue::failure_kind(error)) {
        case queue::Failure::gone:
            done.outcome = jobs::Outcome::gone;
            return done;
        case queue::Failure::busy:
            done.outcome = jobs::Outcome::locked;
            return done;
        case queue::Failure::damaged: {
            diag::warning("damaged queue file " + location.relative_path() + ": " + error.detail());
            const auto aside = queue::mark_bad(runtime_.store(), location);
            if (!aside) diag::warning("not set aside: " + aside.error().detail());
            done.outcome = jobs::Outcome::held;
            return done;
        }
        case queue::Failure::other_version:
        case queue::Failure::alien:
            diag::warning("left alone: " + location.relative_path() + ": " + error.detail());
            done.outcome = jobs::Outcome::held;
            return done;
        case queue::Failure::io:
            break;
    }
    diag::warning("cannot read " + location.relative_path() + ": " + error.detail());
    done.outcome = jobs::Outcome::locked;  // comes again in a minute
    return done;
}

void MessageWorker::settle_attempt(Attempt& attempt, jobs::DoneItem& done) {
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
    send_notices(attempt);
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (attempt.dispositions[i].hold && stays(attempt.settlement.recipients[i].fate))
            attempt.held[i] = true;
    }
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
    write_log(attempt);
    finish_file(attempt, done);
}

// A recipient is given up only after the notification about it is durable; where that cannot be
// had, it stays.
void MessageWorker::send_notices(Attempt& attempt) {
    for (const Notice kind :
         {Notice::failed, Notice::timed_out, Notice::delayed, Notice::delivered, Notice::relayed}) {
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
        for (std::size_t k = 0; k < places.size(); ++k) {
            RecipientOutcome& outcome = attempt.settlement.recipients[places[k]];
            if (sent)
                (kind == Notice::delayed ? attempt.warned : attempt.told)[places[k]] =
                    sent->told[k];
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
void MessageWorker::note_warning(Attempt& attempt) {
    if (std::find(attempt.warned.begin(), attempt.warned.end(), true) == attempt.warned.end())
        return;
    queue::HistoryRecord record = history_record(attempt, queue::HistoryCode::delay_warning);
    record.text = "the sender was told about the delay";
    attempt.file.append_history(record);
}

void MessageWorker::write_log(const Attempt& attempt) {
    log::TransactionLog& log = runtime_.log();
    if (log.has_readers(logs_)) log.write(events_of(runtime_, attempt), log_options_);
}

void MessageWorker::finish_file(Attempt& attempt, jobs::DoneItem& done) {
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
    }
}

// What cannot be removed must not be delivered once a minute: the file says who is finished, and a
// file that cannot even say that rests until the queue is scanned again.
void MessageWorker::remove_finished(Attempt& attempt, jobs::DoneItem& done) {
    done.outcome = jobs::Outcome::ok;
    const auto removed = attempt.file.remove();
    if (removed) {
        log::TransactionLog& log = runtime_.log();
        if (!log.wants(log::EventKind::message_gone, false, log_options_)) return;
        const log::Event event = event_of_end(runtime_, attempt.file, attempt.location);
        return log.write({&event, 1}, log_options_);
    }
    if (queue::failure_kind(removed.error()) == queue::Failure::gone) return;
    diag::warning("finished message not removed: " + removed.error().detail());
    done.outcome = record_finished(attempt) ? jobs::Outcome::locked : jobs::Outcome::held;
}

/// Notes in the file who is finished, so that they do not get it twice. False where that failed.
bool MessageWorker::record_finished(Attempt& attempt) {
    bool all = true;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (stays(attempt.settlement.recipients[i].fate)) continue;
        const std::string& address = attempt.recipients[i].address;
        const auto noted =
            attempt.file.record_done(actor_, address, attempt.settlement.recipients[i].diagnostic);
        if (noted) continue;
        all = false;
        diag::warning("duplicate possible for " + address + ": " + noted.error().detail());
    }
    return all;
}

queue::HistoryRecord MessageWorker::history_record(const Attempt& attempt, queue::HistoryCode code)
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

void MessageWorker::note_failures(Attempt& attempt, queue::HistoryCode code) {
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (!stays(attempt.settlement.recipients[i].fate)) continue;
        queue::HistoryRecord record = history_record(attempt, code);
        record.recipient = attempt.recipients[i].address;
        record.host = attempt.dispositions[i].remote_host;
        record.text = attempt.settlement.recipients[i].diagnostic;
        attempt.file.append_history(record);
    }
}

void MessageWorker::next_attempt(Attempt& attempt, jobs::DoneItem& done) {
    note_failures(attempt, queue::HistoryCode::temporary_failure);
    done.outcome = jobs::Outcome::temp;
    if (auto renamed = attempt.file.rename_attempt(); !renamed)
        diag::warning(renamed.error().detail());
    done.new_file = relative_file(attempt.file.location());
}

namespace {

std::string hold_reason(const Attempt& attempt) {
    for (std::size_t i = 0; i < attempt.held.size(); ++i) {
        if (!attempt.held[i]) continue;
        const std::string& why = attempt.settlement.recipients[i].diagnostic;
        if (attempt.dispositions[i].hold) return why;
        return "policy: mail for the postmaster cannot be delivered: " + why;
    }
    return "policy";
}

}  // namespace

// What the channel asks to be held, and: mail for the postmaster that fails and has no sender waits
// for an operator: there is nobody to tell, and throwing it away would lose it (spec page
// notifications, section 2).
void MessageWorker::hold(Attempt& attempt, jobs::DoneItem& done) {
    note_failures(attempt, queue::HistoryCode::temporary_failure);
    record_finished(attempt);
    const std::string reason = hold_reason(attempt);
    if (auto held = attempt.file.hold(actor_, reason); !held) {
        diag::warning("message not held: " + held.error().detail());
        next_attempt(attempt, done);
        return;
    }
    diag::warning("%IMTA-W-HELD, " + attempt.file.location().relative_path() + ": " + reason);
    const log::Event event = event_of_hold(runtime_, attempt, reason);
    runtime_.log().write({&event, 1}, log_options_);
    done.outcome = jobs::Outcome::held;
    done.reason = jobs::cut_reason(reason);
}

void MessageWorker::replace(Attempt& attempt, jobs::DoneItem& done) {
    std::vector<std::size_t> remaining;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (stays(attempt.settlement.recipients[i].fate)) remaining.push_back(attempt.indexes[i]);
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
