#include "dequeue/ageing.h"

#include <string>
#include <vector>

#include "base/kill_point.h"
#include "base/log.h"
#include "dequeue/age_limits.h"
#include "dequeue/attempt.h"
#include "dequeue/attempt_log.h"
#include "dequeue/dequeue_access.h"
#include "dequeue/message_event.h"
#include "dequeue/notice_sender.h"
#include "dequeue/settler.h"
#include "lookup/sources.h"
#include "queue/scan.h"

namespace sluice::dequeue {

namespace {

using std::chrono::seconds;

class AgeingPass {
public:
    AgeingPass(enqueue::Runtime& runtime, const AgeingTrace& trace)
        : runtime_(runtime),
          trace_(trace),
          held_max_age_(runtime.configuration().options.duration(config::OptionId::held_max_age)) {}

    Result<AgeingReport> run() {
        const auto channels = queue::list_channels(runtime_.store());
        if (!channels) return channels.error();
        for (const std::string& name : *channels) {
            const channel::Channel* channel = runtime_.configuration().imta.channels.find(name);
            if (channel == nullptr) {
                diag::warning("queue of channel " + name + " left alone: not in the configuration");
                continue;
            }
            if (auto aged = age_channel(*channel); !aged) return std::move(aged).error();
        }
        return report_;
    }

private:
    Result<void> age_channel(const channel::Channel& channel) {
        // Names first: what is done to the files makes new ones.
        std::vector<queue::MessageLocation> found;
        queue::ScanVisitor visitor;
        visitor.message = [&](const queue::ScannedMessage& message) {
            found.push_back(message.location());
        };
        if (auto scanned = queue::scan_channel(runtime_.store(), channel.name(), visitor); !scanned)
            return scanned;
        for (const queue::MessageLocation& location : found) {
            const queue::MessageState state = location.name.state();
            if (state == queue::MessageState::eligible) age_waiting(channel, location);
            if (state == queue::MessageState::held) age_held(channel, location);
        }
        return {};
    }

    [[nodiscard]] seconds age_of(const queue::MessageFile& file) const {
        return std::chrono::duration_cast<seconds>(
            runtime_.store().clock().wall_now() - file.envelope().enqueued
        );
    }

    void tell(const queue::MessageLocation& location, std::string_view what) const {
        if (trace_) trace_(location.relative_path() + ": " + std::string(what));
    }

    std::optional<queue::MessageFile> open(
        const queue::MessageLocation& location, queue::Access access
    ) {
        auto file = queue::MessageFile::open(runtime_.store(), location, access);
        if (file) return std::move(*file);
        const queue::Failure failure = queue::failure_kind(file.error());
        if (failure == queue::Failure::busy) {
            ++report_.busy;
            tell(location, "in use, left alone");
        } else if (failure != queue::Failure::gone) {
            // The attempt that comes along sets damaged files aside.
            ++report_.unreadable;
            diag::warning("cannot read " + location.relative_path() + ": " + file.error().detail());
        }
        return std::nullopt;
    }

    /// Reading is enough for the many that are young.
    void age_waiting(const channel::Channel& channel, const queue::MessageLocation& location) {
        ++report_.messages;
        const auto looked_at = open(location, queue::Access::read);
        if (!looked_at) return;
        const AgeLimits limits =
            age_limits(runtime_.configuration(), channel, looked_at->envelope());
        const seconds first =
            limits.warn_after.empty() ? limits.give_up_after : limits.warn_after.front();
        if (age_of(*looked_at) < first) return tell(location, "young");
        auto file = open(location, queue::Access::own);
        if (!file || file->location().name.state() != queue::MessageState::eligible) return;
        // A notification quotes the content: what is damaged is for the attempt to find.
        if (!file->verify_content()) return tell(location, "damaged, left alone");
        auto unfinished = file->unfinished();
        if (!unfinished || unfinished->empty()) return;
        Attempt attempt(std::move(*file));
        attempt.indexes = std::move(*unfinished);
        for (const std::size_t i : attempt.indexes)
            attempt.recipients.push_back(attempt.file.envelope().recipients[i]);
        add_last_known(attempt);
        const bool held_back = is_held_back(channel, attempt);
        const bool acted = Settler(runtime_, channel, 0).settle_age(attempt, held_back);
        kill_point("ageing.settled");
        if (acted) ++report_.acted_on;
        tell(location, acted ? "old: sender told" : "old, nothing due");
    }

    /// What the last attempt said about each recipient.
    static void add_last_known(Attempt& attempt) {
        const auto history = attempt.file.history();
        for (const queue::Recipient& recipient : attempt.recipients) {
            Disposition last = Disposition::deferred({4, 4, 7}, "delivery was not attempted");
            last.never_tried = true;
            if (history) {
                for (const queue::HistoryRecord& record : *history) {
                    const bool is_attempt = record.code == queue::HistoryCode::temporary_failure ||
                                            record.code == queue::HistoryCode::others_delivered;
                    if (!is_attempt || record.recipient != recipient.address) continue;
                    last.diagnostic = record.text;
                    last.remote_host = record.host;
                    last.tried = record.when;
                    last.never_tried = false;
                }
            }
            attempt.dispositions.push_back(std::move(last));
        }
    }

    /// A rule of the site lets it wait: the sender is told so, and not of a failure.
    bool is_held_back(const channel::Channel& channel, const Attempt& attempt) {
        lookup::BlockingAnswers answers(runtime_.sources());
        return check_dequeue(
                   runtime_.configuration(), channel, attempt.file, runtime_.store().root(), {},
                   runtime_.store().clock().wall_now(), answers
        )
            .postpone;
    }

    void age_held(const channel::Channel& channel, const queue::MessageLocation& location) {
        if (held_max_age_ <= seconds(0)) return;
        ++report_.messages;
        const auto looked_at = open(location, queue::Access::read);
        if (!looked_at || age_of(*looked_at) < held_max_age_) return;
        if (looked_at->envelope().sender.empty())
            return tell(location, "held too long, but nobody to return it to");
        auto file = open(location, queue::Access::own);
        if (!file || file->location().name.state() != queue::MessageState::held) return;
        const bool returned = return_held(channel, *file);
        if (returned) ++report_.acted_on;
        tell(location, returned ? "held too long: returned" : "held too long, not returned");
    }

    bool return_held(const channel::Channel& channel, queue::MessageFile& file) {
        const auto unfinished = file.unfinished();
        if (!unfinished || !file.verify_content()) return false;
        const queue::MessageLocation location = file.location();
        const StatusCode status{5, 4, 7};
        const auto disposition = Disposition::failed(status, "held for too long");
        std::vector<NoticeItem> items;
        for (const std::size_t i : *unfinished)
            items.push_back({&file.envelope().recipients[i], &disposition, status});
        const WallTime now = runtime_.store().clock().wall_now();
        std::vector<bool> told(items.size(), false);
        if (!items.empty()) {
            const auto sent = send_notice(runtime_, channel, file, Notice::bounced, items, now);
            if (!sent || sent->hold) return false;
            told = sent->told;
            kill_point("ageing.held_reported");
        }
        write_log(channel, file, items, told, now);
        if (auto removed = file.remove(); !removed) {
            diag::warning("returned message not removed: " + removed.error().detail());
            return false;
        }
        const log::Event gone = event_of_end(runtime_, file, location);
        runtime_.log().write(
            {&gone, 1}, enqueue::log_options_of(runtime_.configuration(), channel.name())
        );
        return true;
    }

    void write_log(
        const channel::Channel& channel,
        const queue::MessageFile& file,
        const std::vector<NoticeItem>& items,
        const std::vector<bool>& told,
        WallTime now
    ) {
        log::Event event = event_about(runtime_, file, file.location(), now);
        std::vector<log::Event> events;
        for (std::size_t i = 0; i < items.size(); ++i) {
            set_recipient(event, *items[i].recipient);
            event.kind = told[i] ? log::EventKind::returned : log::EventKind::discarded;
            event.diagnostic = items[i].disposition->diagnostic;
            event.status = items[i].status;
            events.push_back(event);
        }
        runtime_.log().write(
            events, enqueue::log_options_of(runtime_.configuration(), channel.name())
        );
    }

    enqueue::Runtime& runtime_;
    const AgeingTrace& trace_;
    seconds held_max_age_;
    AgeingReport report_;
};

}  // namespace

Result<AgeingReport> age_queue(enqueue::Runtime& runtime, const AgeingTrace& trace) {
    return AgeingPass(runtime, trace).run();
}

}  // namespace sluice::dequeue
