#include "utility/qm_change_one.h"

#include <thread>

#include "queue/deletion_mark.h"
#include "utility/operator_log.h"

namespace sluice::utility {

namespace {

constexpr std::chrono::milliseconds look_again{100};
/// Of a message that is marked while its program settles it.
constexpr std::chrono::seconds given_back_within{1};
/// What -strip_received leaves: where the message came from.
constexpr std::size_t trace_fields_kept = 3;

bool is_unchanged(const Target& target, const queue::MessageFile& file) {
    if (target.message.inode == 0) return true;
    const queue::FileIdentity now = file.identity();
    return now.inode == target.message.inode && now.device == target.message.device;
}

}  // namespace

MessageChanger::MessageChanger(
    Invocation& invocation,
    QmSession& session,
    enqueue::Runtime& runtime,
    const ChangeOrder& order,
    ChangeReport& report
)
    : line_(invocation.line()),
      session_(session),
      runtime_(runtime),
      order_(order),
      report_(report),
      acts_(session, runtime, user_name(login_of(invocation.who().user_id))) {}

MessageChanger::Fate MessageChanger::act_on(const Target& target) {
    auto file = take(target, order_.wait);
    if (file) return act_on_own(target, std::move(*file));
    return may_force(file.error()) ? delete_in_use(target) : could_not_take(target, file.error());
}

bool MessageChanger::may_force(const Error& error) const {
    return order_.action == Action::remove && line_.has("force") &&
           queue::failure_kind(error) == queue::Failure::busy;
}

/// Whoever has the message in hand sees the mark. It may be given back before that: then it is
/// ours.
MessageChanger::Fate MessageChanger::delete_in_use(const Target& target) {
    const queue::MessageLocation& location = target.message.location;
    if (auto marked = queue::mark_for_deletion(runtime_.store(), location); !marked)
        return failed(target, marked.error());
    auto file = take(target, given_back_within);
    if (file || queue::failure_kind(file.error()) == queue::Failure::gone)
        queue::clear_deletion_mark(runtime_.store(), location);
    if (file) return act_on_own(target, std::move(*file));
    if (!may_force(file.error())) return could_not_take(target, file.error());
    std::string text = target.name() + " is " + who_has(target) +
                       "; it is deleted when that ends, and recipients who have it by then keep it";
    report_.marked(target, std::move(text));
    return Fate::done;
}

MessageChanger::Fate MessageChanger::act_on_own(const Target& target, queue::MessageFile file) {
    OwnedMessage message{std::move(file), {}};
    message.before = message.file.location();
    if (!may_act(target, message.file)) return Fate::skipped;
    auto acted = carry_out(target, message);
    if (!acted) return failed(target, acted.error());
    if (!*acted) return Fate::skipped;
    report_.done(target, message);
    return Fate::done;
}

/// Owns the message; waits for it where that was asked for. A retry only looks: a lock of ours
/// would be in the way of the worker that gets the message at once.
Result<queue::MessageFile> MessageChanger::take(const Target& target, std::chrono::seconds limit) {
    const queue::Access access =
        order_.action == Action::retry ? queue::Access::read : queue::Access::own;
    const MonoTime end = system_clock().mono_now() + limit;
    while (true) {
        auto file = queue::MessageFile::open(runtime_.store(), target.message.location, access);
        if (file || queue::failure_kind(file.error()) != queue::Failure::busy ||
            system_clock().mono_now() >= end) {
            return file;
        }
        std::this_thread::sleep_for(look_again);
    }
}

MessageChanger::Fate MessageChanger::could_not_take(const Target& target, const Error& error) {
    switch (queue::failure_kind(error)) {
        case queue::Failure::gone:
            report_.warn(target, "GONE", target.name() + " is no longer queued");
            return Fate::skipped;
        case queue::Failure::busy:
            report_.warn(
                target, "BUSY",
                target.name() + " is " + who_has(target) + "; " +
                    std::string(report_.text().not_done)
            );
            return Fate::skipped;
        default:
            return failed(target, error);
    }
}

/// "being delivered by tcp_local job 31822" where the job controller knows.
std::string MessageChanger::who_has(const Target& target) {
    std::string text = "in use by another process";
    const std::lock_guard lock(session_.voice());
    const auto controller = session_.controller();
    if (!controller) return text;
    const std::string& channel = target.message.location.channel;
    auto listed = (*controller)->list_messages(channel, [&](const jobs::MessageRow& row) {
        const auto location = queue::MessageLocation::parse(row.channel + '/' + row.file);
        if (!location || location->name.unique != target.message.location.name.unique) return;
        if (row.pid == 0) return;
        text = "being delivered by " + row.channel + " job " + std::to_string(row.pid);
    });
    (void)listed;  // without an answer nothing more is known
    return text;
}

bool MessageChanger::may_act(const Target& target, const queue::MessageFile& file) {
    const bool is_held = file.location().name.state() == queue::MessageState::held;
    if (order_.action == Action::hold && is_held) {
        report_.warn(target, "ALREADY", target.name() + " is held already");
        return false;
    }
    if (order_.action == Action::release && !is_held) {
        report_.warn(target, "NOTHELD", target.name() + " is not held");
        return false;
    }
    if (order_.action == Action::retry && is_held) {
        report_.warn(target, "ISHELD", target.name() + " is held: release it");
        return false;
    }
    const bool destroys = order_.action == Action::remove || order_.action == Action::bounce ||
                          order_.action == Action::expire;
    if (!destroys || line_.is_negated("confirm") || is_unchanged(target, file)) return true;
    // Rewritten since it was listed: its recipients are others.
    if (report_.confirm(
            target.name() + " has changed since it was listed. " +
            std::string(report_.text().verb) + " it?"
        )) {
        return true;
    }
    report_.warn(
        target, "CHANGED",
        target.name() + " has changed since it was listed; " + std::string(report_.text().not_done)
    );
    return false;
}

/// False: refused, and said so.
Result<bool> MessageChanger::carry_out(const Target& target, OwnedMessage& message) {
    const auto acted = [](const Result<void>& result) -> Result<bool> {
        if (!result) return result.error();
        return true;
    };
    switch (order_.action) {
        case Action::remove:
            return acted(acts_.remove(message, "deleted"));
        case Action::bounce:
        case Action::expire:
            return give_up(target, message);
        case Action::hold:
            return acted(acts_.hold(message, order_.hold_keyword, order_.reason));
        case Action::release:
            return release(message);
        case Action::retry:
            return retry(target, message);
    }
    return false;
}

Result<bool> MessageChanger::give_up(const Target& target, OwnedMessage& message) {
    Result<void> done;
    if (!message.file.envelope().sender.empty()) {
        done = order_.action == Action::expire ? acts_.expire(message)
                                               : acts_.bounce(message, order_.reason);
    } else if (line_.has("force")) {
        done = acts_.remove(message, std::string(report_.text().done) + ", no sender,");
    } else {
        report_.warn(
            target, "NOSENDER",
            target.name() + " has no sender to go back to; " +
                std::string(report_.text().not_done) + " (-force deletes it)"
        );
        return false;
    }
    if (!done) return std::move(done).error();
    return true;
}

Result<bool> MessageChanger::release(OwnedMessage& message) {
    if (line_.has("strip_received")) {
        const auto removed = acts_.release_stripped(message, trace_fields_kept, order_.reason);
        if (!removed) return removed.error();
        return true;
    }
    if (auto released = acts_.release(message, order_.reason); !released)
        return std::move(released).error();
    if (!acts_.announce(message.file, message.file.location(), true)) report_.no_controller();
    return true;
}

Result<bool> MessageChanger::retry(const Target& target, OwnedMessage& message) {
    const auto retried = acts_.retry(message);
    if (!retried) return retried.error();
    if (!*retried)
        report_.warn(target, "NOTWAITING", target.name() + " does not wait for its next try");
    return *retried;
}

MessageChanger::Fate MessageChanger::failed(const Target& target, const Error& error) {
    report_.failed(target, error);
    return Fate::failed;
}

}  // namespace sluice::utility
