#include "dequeue/message_worker.h"

#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "channel/channel_settings.h"
#include "dequeue/dequeue_access.h"
#include "dequeue/message_event.h"
#include "dequeue/notice_sender.h"
#include "log/process_field.h"
#include "queue/failure.h"

namespace sluice::dequeue {

namespace {

channel::Priority priority_of(const queue::Envelope& envelope) {
    if (envelope.priority == "urgent") return channel::Priority::urgent;
    if (envelope.priority == "nonurgent") return channel::Priority::nonurgent;
    if (envelope.priority == "second") return channel::Priority::second_class;
    if (envelope.priority == "third") return channel::Priority::third_class;
    return channel::Priority::normal;
}

AgeLimits age_limits(
    const config::Configuration& configuration,
    const channel::Channel& channel,
    channel::Priority priority
) {
    const auto ages = channel::notice_ages(channel, priority, configuration.imta.channels);
    const bool hours = configuration.options.integer(config::OptionId::return_units) == 1;
    return {std::chrono::hours(ages.back() * (hours ? 1U : 24U))};
}

log::EventKind event_kind(Fate fate, bool told) {
    switch (fate) {
        case Fate::delivered:
            return log::EventKind::dequeued;
        case Fate::given_up:
            return told ? log::EventKind::returned : log::EventKind::discarded;
        case Fate::stays:
            return log::EventKind::deferred;
        case Fate::stays_alone:
            return log::EventKind::requeued;
    }
    return log::EventKind::deferred;
}

bool stays(Fate fate) {
    return fate == Fate::stays || fate == Fate::stays_alone;
}

}  // namespace

struct MessageWorker::Attempt {
    queue::MessageFile file;
    queue::MessageLocation location;   ///< at the beginning: this name is logged
    std::vector<std::size_t> indexes;  ///< of the recipients tried
    std::vector<queue::Recipient> recipients;
    std::vector<Disposition> dispositions;
    Settlement settlement;
    std::vector<bool> told;  ///< somebody is told that the recipient was given up
    WallTime now{};
};

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

    Attempt attempt{std::move(*file), {}, std::move(*unfinished), {}, {}, {}, {}, {}};
    attempt.location = attempt.file.location();
    for (const std::size_t i : attempt.indexes)
        attempt.recipients.push_back(attempt.file.envelope().recipients[i]);
    if (attempt.indexes.empty()) {
        // All were finished before; only the removal is left.
        remove_finished(attempt, done);
        return done;
    }
    if (postpones(attempt, item.host, done)) return done;
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
    mapping::NoAnswers answers;
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
    attempt.settlement = settle(
        attempt.recipients, attempt.dispositions, age,
        age_limits(runtime_.configuration(), channel_, priority_of(envelope))
    );
    attempt.told.assign(attempt.indexes.size(), false);
    send_notices(attempt);
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
         {Notice::failed, Notice::timed_out, Notice::delivered, Notice::relayed}) {
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
        for (std::size_t k = 0; k < places.size(); ++k) {
            RecipientOutcome& outcome = attempt.settlement.recipients[places[k]];
            if (sent) {
                attempt.told[places[k]] = sent->told[k];
            } else if (outcome.fate == Fate::given_up) {
                outcome.fate = Fate::stays_alone;
                outcome.diagnostic = "notification could not be queued: " + sent.error().detail();
            }
        }
        if (!sent) diag::warning("notification not queued: " + sent.error().detail());
    }
    const auto staying = std::count_if(
        attempt.settlement.recipients.begin(), attempt.settlement.recipients.end(),
        [](const RecipientOutcome& outcome) { return stays(outcome.fate); }
    );
    const bool all = static_cast<std::size_t>(staying) == attempt.indexes.size();
    attempt.settlement.action = staying == 0 ? FileAction::remove
                                : all        ? FileAction::next_attempt
                                             : FileAction::replace;
    for (RecipientOutcome& outcome : attempt.settlement.recipients) {
        if (stays(outcome.fate)) outcome.fate = all ? Fate::stays : Fate::stays_alone;
    }
}

void MessageWorker::write_log(const Attempt& attempt) {
    if (!logs_) return;
    log::Event event = event_about(runtime_, attempt.file, attempt.location, attempt.now);
    std::vector<log::Event> events;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        const RecipientOutcome& outcome = attempt.settlement.recipients[i];
        event.kind = event_kind(outcome.fate, attempt.told[i]);
        set_recipient(event, attempt.recipients[i]);
        event.diagnostic = outcome.diagnostic;
        event.remote_host = attempt.dispositions[i].remote_host;
        event.remote_text = attempt.dispositions[i].reply;
        event.transport = attempt.dispositions[i].transport;
        event.application = attempt.dispositions[i].application;
        event.modifiers = attempt.dispositions[i].modifiers;
        event.status = outcome.status;
        events.push_back(event);
    }
    runtime_.log().write(events, log_options_);
}

void MessageWorker::finish_file(Attempt& attempt, jobs::DoneItem& done) {
    switch (attempt.settlement.action) {
        case FileAction::remove:
            remove_finished(attempt, done);
            return;
        case FileAction::next_attempt:
            next_attempt(attempt, done);
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
    if (removed || queue::failure_kind(removed.error()) == queue::Failure::gone) return;
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

void MessageWorker::next_attempt(Attempt& attempt, jobs::DoneItem& done) {
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        queue::HistoryRecord record;
        record.when = attempt.now;
        record.channel = channel_.name();
        record.code = queue::HistoryCode::temporary_failure;
        record.attempt = attempt.location.name.attempts + 1;
        record.process = actor_.process;
        record.thread = actor_.thread;
        record.recipient = attempt.recipients[i].address;
        record.host = attempt.dispositions[i].remote_host;
        record.text = attempt.settlement.recipients[i].diagnostic;
        attempt.file.append_history(record);
    }
    done.outcome = jobs::Outcome::temp;
    if (auto renamed = attempt.file.rename_attempt(); !renamed)
        diag::warning(renamed.error().detail());
    done.new_file = relative_file(attempt.file.location());
}

void MessageWorker::replace(Attempt& attempt, jobs::DoneItem& done) {
    std::vector<std::size_t> remaining;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (stays(attempt.settlement.recipients[i].fate)) remaining.push_back(attempt.indexes[i]);
    }
    auto replaced =
        attempt.file.replace_with_remaining(remaining, channel::subdirectory_count(channel_));
    if (replaced) {
        log_replacement(attempt, *replaced);
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

void MessageWorker::log_replacement(
    const Attempt& attempt, const queue::MessageLocation& location
) {
    if (!logs_) return;
    const queue::Envelope& envelope = attempt.file.envelope();
    log::Event event;
    event.kind = log::EventKind::enqueued;
    event.time = runtime_.store().clock().wall_now();
    event.node = runtime_.site().node;
    event.process = log::this_thread_process_field().next_operation();
    event.source_channel = channel_.name();
    event.destination_channel = channel_.name();
    event.bytes = attempt.file.content_size();
    event.sender = envelope.sender;
    event.file_name = location.path(runtime_.store().root());
    event.envelope_id = envelope.envelope_id;
    event.message_id = envelope.message_id.value_or("");
    event.username = envelope.owner;
    std::vector<log::Event> events;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (!stays(attempt.settlement.recipients[i].fate)) continue;
        event.original_recipient_type = attempt.recipients[i].orcpt_type.value_or("rfc822");
        event.original_recipient = attempt.recipients[i].orcpt.value_or("");
        event.recipient = attempt.recipients[i].address;
        event.notary_flags = attempt.recipients[i].notify_flags();
        events.push_back(event);
    }
    runtime_.log().write(events, log_options_);
}

}  // namespace sluice::dequeue
