#include "dequeue/message_worker.h"

#include <algorithm>

#include "base/log.h"
#include "dequeue/attempt.h"
#include "dequeue/attempt_debug.h"
#include "dequeue/deferred_delivery.h"
#include "dequeue/dequeue_access.h"
#include "dequeue/message_header.h"
#include "queue/deletion_mark.h"
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
      settler_(runtime, channel, thread),
      debugs_(
          channel.has(channel::Keyword::master_debug) &&
          runtime.configuration().options.integer(config::OptionId::dequeue_debug) != 0
      ) {}

jobs::DoneItem MessageWorker::handle(const jobs::WorkItem& item) {
    jobs::DoneItem done;
    done.handle = item.handle;
    met_overload_ = false;
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

    settler_.leave_out_finished(*file, *unfinished);
    Attempt attempt(std::move(*file));
    attempt.indexes = std::move(*unfinished);
    for (const std::size_t i : attempt.indexes)
        attempt.recipients.push_back(attempt.file.envelope().recipients[i]);
    if (attempt.indexes.empty()) {
        // All were finished before; only the removal is left, which says nothing about the host.
        settler_.remove_finished(attempt, done);
        if (done.outcome == jobs::Outcome::ok) done.outcome = jobs::Outcome::gone;
        return done;
    }
    if (queue::is_marked_for_deletion(runtime_.store(), attempt.location)) {
        attempt.dispositions.assign(
            attempt.indexes.size(), Disposition::deferred({4, 3, 0}, "deleted by an operator")
        );
        settler_.settle_attempt(attempt, done);
        return done;
    }
    if (is_deferred(attempt, done) || postpones(attempt, item.host, done)) return done;
    settler_.announce_start(attempt);
    if (debugs_) show_attempt(attempt, item.host);
    const MonoTime begun = runtime_.store().clock().mono_now();
    attempt.dispositions = deliverer_.deliver(attempt.file, attempt.indexes, item.host);
    attempt.delivery_time = std::chrono::duration_cast<std::chrono::milliseconds>(
        runtime_.store().clock().mono_now() - begun
    );
    if (attempt.dispositions.size() != attempt.indexes.size()) {
        diag::panic(
            "a channel program reported " + std::to_string(attempt.dispositions.size()) + " of " +
            std::to_string(attempt.indexes.size()) + " recipients"
        );
    }
    met_overload_ = std::any_of(
        attempt.dispositions.begin(), attempt.dispositions.end(),
        [](const Disposition& each) { return each.overloaded; }
    );
    if (debugs_) show_dispositions(attempt);
    if (item.host.empty() && attempt.recipients.front().host)
        done.host = *attempt.recipients.front().host;
    settler_.settle_attempt(attempt, done);
    return done;
}

// The file is not told: each attempt reads the header again, also after a restart.
bool MessageWorker::is_deferred(Attempt& attempt, jobs::DoneItem& done) {
    if (!channel_.has(channel::Keyword::deferred)) return false;
    const auto limit = static_cast<std::size_t>(runtime_.limits().header_bytes);
    const auto wait =
        deferred_for(header_of(attempt.file, limit), runtime_.store().clock().wall_now());
    if (!wait) return false;
    done.outcome = jobs::Outcome::postponed;
    done.reason = "Deferred-delivery";
    done.delay = static_cast<std::uint32_t>(std::min<std::int64_t>(wait->count(), UINT32_MAX));
    return true;
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

}  // namespace sluice::dequeue
