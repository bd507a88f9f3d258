#include "utility/qm_change.h"

#include <set>
#include <thread>

#include "base/bytes.h"
#include "queue/deletion_mark.h"
#include "utility/json_line.h"
#include "utility/operator_log.h"
#include "utility/progress.h"
#include "utility/qm_layout.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";
constexpr std::chrono::seconds default_wait{60};
constexpr std::chrono::milliseconds look_again{100};
/// Of a message that is marked while its program settles it.
constexpr std::chrono::seconds given_back_within{1};
/// What -strip_received leaves: where the message came from.
constexpr std::size_t trace_fields_kept = 3;

std::uint64_t block_size(const enqueue::Runtime& runtime) {
    return static_cast<std::uint64_t>(
        runtime.configuration().options.integer(config::OptionId::block_size)
    );
}

}  // namespace

const ActionText& text_of(Action action) {
    static constexpr ActionText texts[] = {
        {"Delete", "deleted", "not deleted", "DELETED"},
        {"Return", "returned", "not returned", "RETURNED"},
        {"Expire", "expired", "not expired", "EXPIRED"},
        {"Hold", "held", "not held", "HELD"},
        {"Release", "released", "not released", "RELEASED"},
        {"Retry", "made ready", "not retried", "READY"},
    };
    return texts[static_cast<std::size_t>(action)];
}

std::string counted_text(const std::vector<Target>& targets, std::uint64_t block_size) {
    std::set<std::string_view> channels;
    std::uint64_t blocks = 0;
    bool sizes_known = true;
    for (const Target& target : targets) {
        channels.insert(target.message.location.channel);
        blocks += blocks_of(target.message.size, block_size);
        sizes_known = sizes_known && target.message.is_read;
    }
    const auto counted = [](std::uint64_t count, std::string_view what) {
        return std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
    };
    std::string text =
        counted(targets.size(), "message") + ", " + counted(channels.size(), "channel");
    if (sizes_known) text += ", " + counted(blocks, "block");
    return text;
}

MessageChange::MessageChange(
    Invocation& invocation, QmSession& session, enqueue::Runtime& runtime, Action action
)
    : invocation_(invocation),
      line_(invocation.line()),
      console_(invocation.console()),
      session_(session),
      runtime_(runtime),
      action_(action),
      acts_(session, runtime, user_name(login_of(invocation.who().user_id))),
      reason_(action == Action::remove ? "" : line_.value("reason").value_or("")) {}

ExitCode MessageChange::run(const TargetRules& rules) {
    ExitCode code = ExitCode::done;
    const auto targets = find_targets(invocation_, session_, runtime_, rules, code);
    if (!targets) return code;
    return run(*targets);
}

ExitCode MessageChange::run(const Targets& targets, const std::string& hold_keyword) {
    hold_keyword_ = hold_keyword;
    if (const auto code = read_wait()) return *code;
    if (line_.has("dry_run")) return only_show(targets);
    if (targets.is_set && !line_.is_negated("confirm") && !line_.has("confirm")) {
        const std::string question = std::string(text_of(action_).verb) + ' ' +
                                     counted_text(targets.messages, block_size(runtime_)) + '?';
        if (!console_.confirm(question)) return cancelled();
    }
    write_audit(invocation_, session_, runtime_, targets.messages.size());
    Progress progress(console_, std::string(text_of(action_).verb), targets.messages.size());
    for (const Target& target : targets.messages) {
        if (line_.has("confirm") && !confirm_one(target)) {
            ++cancelled_;
        } else {
            count(act_on(target));
        }
        progress.advance();
    }
    return exit_code();
}

std::optional<ExitCode> MessageChange::read_wait() {
    if (!line_.has("wait")) return std::nullopt;
    wait_ = default_wait;
    const auto value = line_.value("wait");
    if (!value) return std::nullopt;
    const auto seconds = parse_unsigned(*value);
    if (!seconds || *seconds > 86400) {
        console_.error(facility, "VALUE", "-wait takes a number of seconds");
        return ExitCode::usage;
    }
    wait_ = std::chrono::seconds(*seconds);
    return std::nullopt;
}

// --- asking and accounting ---

ExitCode MessageChange::only_show(const Targets& targets) {
    for (const Target& target : targets.messages) {
        if (line_.has("json")) {
            json_line(target, "dry_run", {});
        } else {
            console_.line(target.message.location.relative_path());
        }
    }
    if (!line_.has("json")) {
        console_.info(
            facility, "DRYRUN",
            counted_text(targets.messages, block_size(runtime_)) + "; " +
                std::string(text_of(action_).not_done)
        );
    }
    return ExitCode::done;
}

bool MessageChange::confirm_one(const Target& target) {
    return console_.confirm(
        std::string(text_of(action_).verb) + ' ' + target.name() + " (" +
        target.message.location.relative_path() + ")?"
    );
}

ExitCode MessageChange::cancelled() {
    console_.warning(
        facility, "CANCELLED",
        console_.can_ask() ? "nothing was done"
                           : "nothing was done: nobody can be asked here, see -noconfirm"
    );
    return ExitCode::cancelled;
}

void MessageChange::count(Fate fate) {
    if (fate == Fate::done) ++done_;
    if (fate == Fate::skipped) ++skipped_;
    if (fate == Fate::failed) ++failed_;
}

ExitCode MessageChange::exit_code() const {
    if (skipped_ > 0 && failed_ == 0) return ExitCode::partly_done;
    if (skipped_ + failed_ > 0) return done_ == 0 ? ExitCode::failed : ExitCode::partly_done;
    return done_ == 0 && cancelled_ > 0 ? ExitCode::cancelled : ExitCode::done;
}

// --- one message ---

MessageChange::Fate MessageChange::act_on(const Target& target) {
    auto file = take(target);
    if (file) return act_on_own(target, std::move(*file));
    return may_force(file.error()) ? delete_in_use(target) : could_not_take(target, file.error());
}

bool MessageChange::may_force(const Error& error) const {
    return action_ == Action::remove && line_.has("force") &&
           queue::failure_kind(error) == queue::Failure::busy;
}

/// Whoever has the message in hand sees the mark. It may be given back before that: then it is
/// ours.
MessageChange::Fate MessageChange::delete_in_use(const Target& target) {
    const queue::MessageLocation& location = target.message.location;
    if (auto marked = queue::mark_for_deletion(runtime_.store(), location); !marked)
        return failed(target, marked.error());
    auto file = take_within(target, given_back_within);
    if (file || queue::failure_kind(file.error()) == queue::Failure::gone)
        queue::clear_deletion_mark(runtime_.store(), location);
    if (file) return act_on_own(target, std::move(*file));
    if (!may_force(file.error())) return could_not_take(target, file.error());
    std::string text = target.name() + " is " + who_has(target) +
                       "; it is deleted when that ends, and recipients who have it by then keep it";
    if (line_.has("json")) {
        json_line(target, "marked", text);
    } else {
        console_.info(facility, "MARKED", std::move(text));
    }
    return Fate::done;
}

MessageChange::Fate MessageChange::act_on_own(const Target& target, queue::MessageFile file) {
    OwnedMessage message{std::move(file), {}};
    message.before = message.file.location();
    if (!may_act(target, message.file)) return Fate::skipped;
    auto acted = carry_out(target, message);
    if (!acted) return failed(target, acted.error());
    if (!*acted) return Fate::skipped;
    tell_done(target, message);
    return Fate::done;
}

/// Owns the message; waits for it where that was asked for. A retry only looks: a lock of ours
/// would be in the way of the worker that gets the message at once.
Result<queue::MessageFile> MessageChange::take(const Target& target) {
    return take_within(target, wait_);
}

Result<queue::MessageFile> MessageChange::take_within(
    const Target& target, std::chrono::seconds limit
) {
    const queue::Access access =
        action_ == Action::retry ? queue::Access::read : queue::Access::own;
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

MessageChange::Fate MessageChange::could_not_take(const Target& target, const Error& error) {
    switch (queue::failure_kind(error)) {
        case queue::Failure::gone:
            warn(target, "GONE", target.name() + " is no longer queued");
            return Fate::skipped;
        case queue::Failure::busy:
            warn(
                target, "BUSY",
                target.name() + " is " + who_has(target) + "; " +
                    std::string(text_of(action_).not_done)
            );
            return Fate::skipped;
        default:
            return failed(target, error);
    }
}

/// "being delivered by tcp_local job 31822" where the job controller knows.
std::string MessageChange::who_has(const Target& target) {
    std::string text = "in use by another process";
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

bool MessageChange::may_act(const Target& target, const queue::MessageFile& file) {
    const bool is_held = file.location().name.state() == queue::MessageState::held;
    if (action_ == Action::hold && is_held) {
        warn(target, "ALREADY", target.name() + " is held already");
        return false;
    }
    if (action_ == Action::release && !is_held) {
        warn(target, "NOTHELD", target.name() + " is not held");
        return false;
    }
    if (action_ == Action::retry && is_held) {
        warn(target, "ISHELD", target.name() + " is held: release it");
        return false;
    }
    const bool destroys =
        action_ == Action::remove || action_ == Action::bounce || action_ == Action::expire;
    if (!destroys || line_.is_negated("confirm") || is_unchanged(target, file)) return true;
    // Rewritten since it was listed: its recipients are others.
    if (console_.confirm(
            target.name() + " has changed since it was listed. " +
            std::string(text_of(action_).verb) + " it?"
        )) {
        return true;
    }
    warn(
        target, "CHANGED",
        target.name() + " has changed since it was listed; " +
            std::string(text_of(action_).not_done)
    );
    return false;
}

bool MessageChange::is_unchanged(const Target& target, const queue::MessageFile& file) {
    if (target.message.inode == 0) return true;
    const queue::FileIdentity now = file.identity();
    return now.inode == target.message.inode && now.device == target.message.device;
}

/// False: refused, and said so.
Result<bool> MessageChange::carry_out(const Target& target, OwnedMessage& message) {
    const auto acted = [](const Result<void>& result) -> Result<bool> {
        if (!result) return result.error();
        return true;
    };
    switch (action_) {
        case Action::remove:
            return acted(acts_.remove(message, "deleted"));
        case Action::bounce:
        case Action::expire:
            return give_up(target, message);
        case Action::hold:
            return acted(acts_.hold(message, hold_keyword_, reason_));
        case Action::release:
            return release(message);
        case Action::retry:
            return retry(target, message);
    }
    return false;
}

Result<bool> MessageChange::give_up(const Target& target, OwnedMessage& message) {
    Result<void> done;
    if (!message.file.envelope().sender.empty()) {
        done = action_ == Action::expire ? acts_.expire(message) : acts_.bounce(message, reason_);
    } else if (line_.has("force")) {
        done = acts_.remove(message, std::string(text_of(action_).done) + ", no sender,");
    } else {
        warn(
            target, "NOSENDER",
            target.name() + " has no sender to go back to; " +
                std::string(text_of(action_).not_done) + " (-force deletes it)"
        );
        return false;
    }
    if (!done) return std::move(done).error();
    return true;
}

Result<bool> MessageChange::release(OwnedMessage& message) {
    if (line_.has("strip_received")) {
        const auto removed = acts_.release_stripped(message, trace_fields_kept, reason_);
        if (!removed) return removed.error();
        return true;
    }
    if (auto released = acts_.release(message, reason_); !released)
        return std::move(released).error();
    if (acts_.announce(message.file, message.file.location(), true) || said_no_controller_)
        return true;
    console_.info(
        facility, "NOJBC",
        "the job controller does not answer; it will find released messages itself"
    );
    said_no_controller_ = true;
    return true;
}

Result<bool> MessageChange::retry(const Target& target, OwnedMessage& message) {
    const auto retried = acts_.retry(message);
    if (!retried) return retried.error();
    if (!*retried) warn(target, "NOTWAITING", target.name() + " does not wait for its next try");
    return *retried;
}

// --- saying what happened ---

void MessageChange::json_line(
    const Target& target, std::string_view outcome, const std::string& text
) {
    JsonLine json;
    json.add("action", to_lower(text_of(action_).verb))
        .add("file", target.message.location.relative_path())
        .add("outcome", outcome);
    if (target.number != 0) json.add("id", std::uint64_t{target.number});
    if (!text.empty()) json.add("text", text);
    console_.line(json.to_string());
}

void MessageChange::warn(const Target& target, std::string_view ident, std::string text) {
    if (line_.has("json")) {
        json_line(target, to_lower(ident), text);
    } else {
        console_.warning(facility, ident, std::move(text));
    }
}

MessageChange::Fate MessageChange::failed(const Target& target, const Error& error) {
    std::string text = target.name() + ' ' + std::string(text_of(action_).not_done) + ": " +
                       (error.detail().empty() ? error.text() : error.detail());
    if (line_.has("json")) {
        json_line(target, "failed", text);
    } else {
        console_.error(facility, "FAILED", std::move(text));
    }
    return Fate::failed;
}

void MessageChange::tell_done(const Target& target, const OwnedMessage& message) {
    if (line_.has("json")) {
        json_line(target, text_of(action_).done, {});
    } else if (!line_.is_negated("log")) {
        console_.info(
            facility, text_of(action_).ident,
            std::string(text_of(action_).done) + " the message file " +
                message.before.path(runtime_.store().root())
        );
    }
}

}  // namespace sluice::utility
