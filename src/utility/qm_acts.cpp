#include "utility/qm_acts.h"

#include <unistd.h>

#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "dequeue/attempt_log.h"
#include "dequeue/message_event.h"
#include "dequeue/notice_sender.h"
#include "log/process_field.h"

namespace sluice::utility {

using log::EventKind;

namespace {

constexpr std::size_t forgotten_at_once = 64;

}  // namespace

MessageActs::~MessageActs() {
    tell_forgotten();
}

jobs::Priority priority_of(const queue::Envelope& envelope) {
    if (envelope.priority == "urgent") return jobs::Priority::urgent;
    if (envelope.priority == "nonurgent") return jobs::Priority::nonurgent;
    if (envelope.priority == "second") return jobs::Priority::second;
    if (envelope.priority == "third") return jobs::Priority::third;
    return jobs::Priority::normal;
}

queue::Actor MessageActs::actor() const {
    return {"qm", static_cast<std::uint32_t>(::getpid()), 0};
}

std::string MessageActs::by_operator(const std::string& reason) const {
    return reason.empty() ? user_ : user_ + ": " + reason;
}

/// The queue of a channel that is no longer configured is treated as the local channel's.
const channel::Channel& MessageActs::channel_for_notice(const OwnedMessage& message) const {
    const channel::ChannelTable& channels = runtime_.configuration().imta.channels;
    const channel::Channel* own = channels.find(message.before.channel);
    return own != nullptr ? *own : *channels.local();
}

unsigned MessageActs::subdirectories(const std::string& channel) const {
    const channel::Channel* own = runtime_.configuration().imta.channels.find(channel);
    return own != nullptr ? channel::subdirectory_count(*own) : 1;
}

Result<void> MessageActs::remove(OwnedMessage& message, const std::string& why) {
    auto events = events_about(message, EventKind::discarded, {}, why + " by " + user_, {});
    if (!events) return events.error();
    if (auto removed = message.file.remove(); !removed) return removed;
    events->push_back(dequeue::event_of_end(runtime_, message.file, message.before));
    write_log(message.before.channel, *events);
    forget(message.before);
    return {};
}

Result<void> MessageActs::bounce(OwnedMessage& message, const std::string& reason) {
    constexpr StatusCode status{5, 0, 0};
    return give_up(
        message, dequeue::Notice::bounced, dequeue::Disposition::failed(status, reason), status,
        "returned by " + by_operator(reason), reason
    );
}

// RFC 3463 section 3.5: delivery time expired.
Result<void> MessageActs::expire(OwnedMessage& message) {
    constexpr StatusCode status{5, 4, 7};
    std::string last;
    if (const auto history = message.file.history()) {
        for (const queue::HistoryRecord& record : *history) {
            if (record.code == queue::HistoryCode::temporary_failure) last = record.text;
        }
    }
    return give_up(
        message, dequeue::Notice::timed_out, dequeue::Disposition::failed(status, last), status,
        "expired by " + user_, last
    );
}

Result<void> MessageActs::give_up(
    OwnedMessage& message,
    dequeue::Notice kind,
    const dequeue::Disposition& disposition,
    StatusCode status,
    const std::string& why,
    const std::string& reason
) {
    const auto unfinished = message.file.unfinished();
    if (!unfinished) return unfinished.error();
    std::vector<dequeue::NoticeItem> items;
    for (const std::size_t i : *unfinished) {
        items.push_back({&message.file.envelope().recipients[i], &disposition, status});
    }
    std::vector<bool> told;
    if (!items.empty()) {
        const auto sent = dequeue::send_notice(
            runtime_, channel_for_notice(message), message.file, kind, items,
            runtime_.store().clock().wall_now()
        );
        if (!sent) return sent.error();
        told = sent->told;
    }
    auto events = events_about(message, EventKind::returned, told, why, reason);
    if (!events) return events.error();
    for (log::Event& event : *events) event.status = status;
    if (auto removed = message.file.remove(); !removed) return removed;
    events->push_back(dequeue::event_of_end(runtime_, message.file, message.before));
    write_log(message.before.channel, *events);
    forget(message.before);
    return {};
}

Result<void> MessageActs::hold(
    OwnedMessage& message, const std::string& keyword, const std::string& reason
) {
    const std::string why = keyword + ' ' + by_operator(reason);
    if (auto held = message.file.hold(actor(), why); !held) return held;
    const auto events = events_about(message, EventKind::held, {}, "held: " + why, reason);
    if (!events) return events.error();
    write_log(message.before.channel, *events);
    forget(message.before);
    return {};
}

Result<void> MessageActs::release(OwnedMessage& message, const std::string& reason) {
    const std::string why = "operator " + by_operator(reason);
    if (auto released = message.file.release(actor(), why); !released) return released;
    auto events = events_about(message, EventKind::held, {}, "released: " + why, reason);
    if (!events) return events.error();
    for (log::Event& event : *events) event.cause = log::Cause::released;
    write_log(message.before.channel, *events);
    return {};
}

Result<bool> MessageActs::retry(const OwnedMessage& message) {
    const std::lock_guard lock(session_.voice());
    const auto controller = session_.controller();
    if (!controller) return controller.error();
    jobs::Run request;
    request.channel = message.before.channel;
    request.file = file_in_channel(message.before);
    const auto concerned = (*controller)->run(request);
    if (!concerned) return concerned.error();
    return *concerned > 0;
}

bool MessageActs::announce(
    queue::MessageFile& file, const queue::MessageLocation& location, bool ahead
) {
    const queue::Envelope& envelope = file.envelope();
    jobs::NewMessage message;
    message.channel = location.channel;
    message.file = file_in_channel(location);
    message.host = envelope.recipients.front().host.value_or("");
    message.priority = priority_of(envelope);
    message.released = ahead;
    message.size = file.content_offset() + file.content_size();
    message.recipients = static_cast<std::uint32_t>(envelope.recipients.size());
    message.attempts = static_cast<std::uint16_t>(location.name.attempts);
    message.enqueued = envelope.enqueued;
    runtime_.notifier().notify(std::move(message));
    const std::lock_guard lock(session_.voice());
    return session_.controller().has_value();
}

/// One for each recipient that is not finished. `told`, where it is not empty, tells R from K.
Result<std::vector<log::Event>> MessageActs::events_about(
    OwnedMessage& message,
    EventKind kind,
    const std::vector<bool>& told,
    const std::string& diagnostic,
    const std::string& reason
) {
    const auto unfinished = message.file.unfinished();
    if (!unfinished) return unfinished.error();
    const WallTime now = runtime_.store().clock().wall_now();
    log::Event event = dequeue::event_about(runtime_, message.file, message.before, now);
    event.diagnostic = diagnostic;
    event.reason = reason;
    std::vector<log::Event> events;
    for (std::size_t i = 0; i < unfinished->size(); ++i) {
        event.kind = kind;
        if (kind == EventKind::returned && (i >= told.size() || !told[i])) {
            event.kind = EventKind::discarded;
        }
        dequeue::set_recipient(event, message.file.envelope().recipients[(*unfinished)[i]]);
        events.push_back(event);
    }
    return events;
}

void MessageActs::write_log(const std::string& name, const std::vector<log::Event>& events) {
    const config::Configuration& configuration = runtime_.configuration();
    runtime_.log().write(events, enqueue::log_options_of(configuration, name));
}

/// The job controller drops its entry. Where it does not answer, or has not been told yet, it will
/// find the file gone.
void MessageActs::forget(const queue::MessageLocation& location) {
    forgotten_.push_back({location.channel, file_in_channel(location)});
    if (forgotten_.size() == forgotten_at_once) tell_forgotten();
}

void MessageActs::tell_forgotten() {
    if (forgotten_.empty()) return;
    const std::lock_guard lock(session_.voice());
    const auto controller = session_.controller();
    if (controller) {
        const auto told = (*controller)->forget_all(forgotten_);
        (void)told;
    }
    forgotten_.clear();
}

}  // namespace sluice::utility
