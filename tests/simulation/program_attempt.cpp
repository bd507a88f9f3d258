#include "program_attempt.h"

#include <algorithm>

#include "controller.h"
#include "dequeue/age_limits.h"
#include "queue/failure.h"

// An attempt as dequeue/message_worker.cpp and dequeue/settler.cpp make it: the same settlement,
// the same operations on the file, on the model of a disk.
namespace sluice::simulation {

using namespace std::chrono_literals;
using dequeue::Fate;

namespace {

constexpr unsigned subdirs = 1;
/// Of all attempts: killed when the recipients have it and the file does not know yet.
constexpr double death_at_the_worst_time = 0.0005;

jobs::Outcome outcome_of(const Error& error, Ledger& ledger) {
    switch (queue::failure_kind(error)) {
        case queue::Failure::gone:
            return jobs::Outcome::gone;
        case queue::Failure::busy:
        case queue::Failure::io:
            return jobs::Outcome::locked;
        default:
            ledger.complain("a file of ours is " + error.to_debug_string());
            return jobs::Outcome::held;
    }
}

dequeue::Disposition disposition_of(const Meeting& meeting, std::size_t index) {
    if (!meeting.reached) {
        auto failed = dequeue::Disposition::deferred({4, 4, 1}, meeting.reason);
        failed.host_failed = true;
        return failed;
    }
    switch (meeting.answers[index]) {
        case Answer::accepted:
            return dequeue::Disposition::delivered();
        case Answer::permanent:
            return dequeue::Disposition::failed({5, 1, 1}, "no such user");
        case Answer::temporary:
            break;
    }
    return dequeue::Disposition::deferred({4, 2, 0}, "come again");
}

}  // namespace

std::optional<jobs::DoneItem> Program::take(Thread& thread, const jobs::WorkItem& item) {
    jobs::DoneItem done;
    done.handle = item.handle;
    const auto location = queue::MessageLocation::parse(channel_ + '/' + item.file);
    auto file = queue::MessageFile::open(world_.disk.store(), *location, queue::Access::own);
    if (!file) {
        done.outcome = outcome_of(file.error(), world_.ledger);
        // Who has it may be a program of a dead job controller, whose attempt nobody hears of.
        world_.pressure.forget(location->name.unique);
        return done;
    }
    if (file->location().name.state() != queue::MessageState::eligible) {
        done.outcome = jobs::Outcome::held;
        return done;
    }
    auto verified = file->verify_content();
    auto unfinished = verified ? file->unfinished() : std::move(verified).error();
    if (!unfinished) {
        done.outcome = outcome_of(unfinished.error(), world_.ledger);
        return done;
    }
    thread.attempt = std::make_shared<Attempt>(std::move(*file));
    Attempt& attempt = *thread.attempt;
    attempt.item = item;
    attempt.indexes = std::move(*unfinished);
    for (const std::size_t index : attempt.indexes) {
        attempt.recipients.push_back(attempt.file.envelope().recipients[index]);
        attempt.who.push_back(Ledger::parse(attempt.recipients.back().address));
    }
    if (!attempt.indexes.empty()) return std::nullopt;
    remove(attempt, done);
    if (done.outcome == jobs::Outcome::ok) done.outcome = jobs::Outcome::gone;
    return done;
}

Meeting Program::meet(const Attempt& attempt) {
    if (channel_ == network_channel) {
        const auto& host = attempt.recipients.front().host;
        return world_.network.meet(host.value_or(""), attempt.recipients.size());
    }
    // The mail boxes of this machine; notifications on their way to them.
    Meeting meeting;
    meeting.reached = true;
    meeting.took = world_.dice.between(1ms, 20ms);
    for (std::size_t i = 0; i < attempt.recipients.size(); ++i) {
        const bool later = world_.dice.chance(0.01);
        meeting.answers.push_back(later ? Answer::temporary : Answer::accepted);
    }
    return meeting;
}

void Program::try_item(unsigned number) {
    Attempt& attempt = *threads_[number].attempt;
    attempt.meeting = meet(attempt);
    ++world_.counts["attempts"];
    then(attempt.meeting.took, [this, number] { accepted(number); });
}

void Program::accepted(unsigned number) {
    Attempt& attempt = *threads_[number].attempt;
    for (std::size_t i = 0; i < attempt.meeting.answers.size(); ++i) {
        if (attempt.meeting.answers[i] == Answer::accepted) world_.ledger.delivered(attempt.who[i]);
    }
    attempt.answered = true;
    if (world_.dice.chance(death_at_the_worst_time)) return kill();
    then(world_.dice.between(1ms, 10ms), [this, number] { settled(number); });
}

// The documentation allows one more for whoever was accepted and not written down.
void Program::excuse(const Attempt& attempt) {
    if (!attempt.answered || world_.disk.is_without_power()) return;
    for (std::size_t i = 0; i < attempt.meeting.answers.size(); ++i) {
        if (attempt.meeting.answers[i] == Answer::accepted)
            world_.ledger.never_settled(attempt.who[i]);
    }
}

void Program::settled(unsigned number) {
    Attempt& attempt = *threads_[number].attempt;
    jobs::DoneItem done;
    done.handle = attempt.item.handle;
    done.host_report =
        attempt.meeting.reached ? jobs::HostReport::reached : jobs::HostReport::failed;
    done.reason = attempt.meeting.reason;
    for (std::size_t i = 0; i < attempt.who.size(); ++i)
        attempt.dispositions.push_back(disposition_of(attempt.meeting, i));
    const auto& envelope = attempt.file.envelope();
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(
        world_.timeline.wall_now() - envelope.enqueued
    );
    const auto history = attempt.file.history();
    const auto warned =
        history ? dequeue::warned_age(*history, envelope.enqueued) : std::optional(age);
    attempt.settlement =
        dequeue::settle(attempt.recipients, attempt.dispositions, age, world_.ages, warned);
    send_notices(attempt);
    if (world_.dice.chance(death_at_the_worst_time)) {
        for (std::size_t i = 0; i < attempt.who.size(); ++i) {
            if (attempt.settlement.recipients[i].fate == Fate::given_up)
                world_.ledger.never_settled(attempt.who[i]);
        }
        return kill();
    }
    dequeue::settle_file(attempt.settlement);
    finish(attempt, done);
    report(number, std::move(done));
}

// Durable before its recipient is given up; nobody is told about what nobody sent.
void Program::send_notices(Attempt& attempt) {
    for (std::size_t i = 0; i < attempt.who.size(); ++i) {
        auto& outcome = attempt.settlement.recipients[i];
        if (outcome.fate == Fate::given_up) {
            const bool nobody_to_tell = attempt.file.envelope().sender.empty();
            if (nobody_to_tell || notify_sender(world_)) {
                world_.ledger.returned(attempt.who[i]);
            } else {
                outcome.fate = Fate::stays;
            }
        } else if (outcome.notice == dequeue::Notice::delayed && notify_sender(world_)) {
            ++world_.counts["warnings"];
            queue::HistoryRecord record;
            record.when = world_.timeline.wall_now();
            record.channel = channel_;
            record.code = queue::HistoryCode::delay_warning;
            attempt.file.append_history(record);
        }
    }
}

void Program::finish(Attempt& attempt, jobs::DoneItem& done) {
    switch (attempt.settlement.action) {
        case dequeue::FileAction::remove:
            return remove(attempt, done);
        case dequeue::FileAction::next_attempt:
            return next_attempt(attempt, done);
        case dequeue::FileAction::replace:
            return replace(attempt, done);
        default:
            world_.ledger.complain("nobody asked to hold this");
    }
}

void Program::remove(Attempt& attempt, jobs::DoneItem& done) {
    done.outcome = jobs::Outcome::ok;
    const auto removed = attempt.file.remove();
    if (removed || queue::failure_kind(removed.error()) == queue::Failure::gone) {
        for (const auto& who : attempt.who) world_.ledger.settled(who);
        return;
    }
    done.outcome = record_finished(attempt) ? jobs::Outcome::locked : jobs::Outcome::held;
}

bool Program::record_finished(Attempt& attempt) {
    bool all = true;
    for (std::size_t i = 0; i < attempt.who.size(); ++i) {
        if (dequeue::stays(attempt.settlement.recipients[i].fate)) continue;
        const queue::Actor actor{channel_, process_, 1};
        if (attempt.file.record_done(actor, attempt.recipients[i].address, "done")) {
            world_.ledger.only_noted(attempt.who[i]);
            continue;
        }
        all = false;
        world_.ledger.never_settled(attempt.who[i]);  // it says so in the log
    }
    return all;
}

void Program::next_attempt(Attempt& attempt, jobs::DoneItem& done) {
    done.outcome = jobs::Outcome::temp;
    const bool renamed = static_cast<bool>(attempt.file.rename_attempt());
    const auto& name = attempt.file.location().name;
    world_.trace(
        name.unique, "an attempt failed, now " + name.to_string() + (renamed ? "" : ", not renamed")
    );
    done.new_file = relative_file(attempt.file.location());
    if (renamed && attempt.meeting.reached) {
        world_.pressure.failed(
            name.unique, attempt.item.host, attempt.item.priority, name.attempts
        );
    } else {
        world_.pressure.forget(name.unique);
    }
}

void Program::replace(Attempt& attempt, jobs::DoneItem& done) {
    std::vector<std::size_t> remaining;
    for (std::size_t i = 0; i < attempt.indexes.size(); ++i) {
        if (dequeue::stays(attempt.settlement.recipients[i].fate))
            remaining.push_back(attempt.indexes[i]);
    }
    const queue::MessageLocation before = attempt.file.location();
    const auto replaced = attempt.file.replace_with_remaining(remaining, subdirs);
    // Where the old file cannot be removed, or the new one cannot be taken back, both count.
    if (world_.disk.is_in_trouble() && (!replaced || world_.disk.exists(before))) {
        for (const auto& who : attempt.who) world_.ledger.excuse(who);
        world_.unannounced.insert(before.name.unique);
    }
    if (replaced) {
        // Until the removal of the old file is durable, both may come back.
        for (const auto& who : attempt.who) world_.ledger.settled(who);
        done.outcome = jobs::Outcome::renamed;
        done.new_file = relative_file(*replaced);
        done.recipients = static_cast<std::uint32_t>(remaining.size());
        return;
    }
    record_finished(attempt);
    next_attempt(attempt, done);
}

}  // namespace sluice::simulation
