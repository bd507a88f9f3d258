// imsimta qm delete, return, hold, release: what changes the queue.
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "channel/channel_settings.h"
#include "dequeue/attempt_log.h"
#include "dequeue/message_event.h"
#include "dequeue/notice_sender.h"
#include "utility/command_words.h"
#include "utility/json_line.h"
#include "utility/operator_log.h"
#include "utility/qm_commands.h"
#include "utility/qm_layout.h"
#include "utility/qm_targets.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";
constexpr std::chrono::seconds default_wait{60};
constexpr std::chrono::milliseconds look_again{100};

enum class Action : std::uint8_t { remove, bounce, hold, release };

struct ActionText {
    std::string_view verb;  ///< "Delete 3 messages?"
    std::string_view done;  ///< "deleted the message file ..."
    std::string_view not_done;
    std::string_view ident;
};

const ActionText& text_of(Action action) {
    static constexpr ActionText texts[] = {
        {"Delete", "deleted", "not deleted", "DELETED"},
        {"Return", "returned", "not returned", "RETURNED"},
        {"Hold", "held", "not held", "HELD"},
        {"Release", "released", "not released", "RELEASED"},
    };
    return texts[static_cast<std::size_t>(action)];
}

/// What became of one message.
enum class Fate : std::uint8_t { done, skipped, failed };

jobs::Priority priority_of(const queue::Envelope& envelope) {
    if (envelope.priority == "urgent") return jobs::Priority::urgent;
    if (envelope.priority == "nonurgent") return jobs::Priority::nonurgent;
    if (envelope.priority == "second") return jobs::Priority::second;
    if (envelope.priority == "third") return jobs::Priority::third;
    return jobs::Priority::normal;
}

/// Carries one command out, message by message.
class Change {
public:
    Change(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime, Action action)
        : invocation_(invocation),
          line_(invocation.line()),
          console_(invocation.console()),
          session_(session),
          runtime_(runtime),
          action_(action),
          user_(user_name(login_of(invocation.who().user_id))),
          reason_(action == Action::remove ? "" : line_.value("reason").value_or("")) {}

    ExitCode run() {
        if (const auto code = read_wait()) return *code;
        ExitCode code = ExitCode::done;
        TargetRules rules;
        rules.held_by_default = action_ == Action::release;
        rules.reason_selects = action_ == Action::remove;
        rules.files_are_parameters = line_.command_name() == "return";
        const auto targets = find_targets(invocation_, session_, runtime_, rules, code);
        if (!targets) return code;
        if (targets->is_set && !line_.is_negated("confirm") && !line_.has("confirm")) {
            if (!console_.confirm(question_about(*targets))) return cancelled();
        }
        write_audit(invocation_, session_, runtime_, targets->messages.size());
        for (const Target& target : targets->messages) {
            if (line_.has("confirm") && !confirm_one(target)) {
                ++cancelled_;
                continue;
            }
            count(act_on(target));
        }
        return exit_code();
    }

private:
    struct Reached {
        queue::MessageFile file;
        queue::MessageLocation before;  ///< where it was when it was locked
    };

    std::optional<ExitCode> read_wait() {
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

    [[nodiscard]] std::string question_about(const Targets& targets) const {
        std::set<std::string_view> channels;
        std::uint64_t blocks = 0;
        bool sizes_known = true;
        const auto block = static_cast<std::uint64_t>(
            runtime_.configuration().options.integer(config::OptionId::block_size)
        );
        for (const Target& target : targets.messages) {
            channels.insert(target.message.location.channel);
            blocks += blocks_of(target.message.size, block);
            sizes_known = sizes_known && target.message.is_read;
        }
        const auto counted = [](std::uint64_t count, std::string_view what) {
            return std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
        };
        std::string question = std::string(text_of(action_).verb) + ' ' +
                               counted(targets.messages.size(), "message") + ", " +
                               counted(channels.size(), "channel");
        if (sizes_known) question += ", " + counted(blocks, "block");
        return question + '?';
    }

    bool confirm_one(const Target& target) {
        return console_.confirm(
            std::string(text_of(action_).verb) + ' ' + target.name() + " (" +
            target.message.location.relative_path() + ")?"
        );
    }

    ExitCode cancelled() {
        console_.warning(
            facility, "CANCELLED",
            console_.can_ask() ? "nothing was done"
                               : "nothing was done: nobody can be asked here, see -noconfirm"
        );
        return ExitCode::cancelled;
    }

    void count(Fate fate) {
        if (fate == Fate::done) ++done_;
        if (fate == Fate::skipped) ++skipped_;
        if (fate == Fate::failed) ++failed_;
    }

    [[nodiscard]] ExitCode exit_code() const {
        if (skipped_ > 0 && failed_ == 0) return ExitCode::partly_done;
        if (skipped_ + failed_ > 0) return done_ == 0 ? ExitCode::failed : ExitCode::partly_done;
        return done_ == 0 && cancelled_ > 0 ? ExitCode::cancelled : ExitCode::done;
    }

    // --- one message ---

    Fate act_on(const Target& target) {
        auto file = take(target);
        if (!file) return could_not_take(target, file.error());
        Reached reached{std::move(*file), {}};
        reached.before = reached.file.location();
        if (!may_act(target, reached.file)) return Fate::skipped;
        auto acted = carry_out(target, reached);
        if (!acted) return failed(target, acted.error());
        if (!*acted) return Fate::skipped;
        tell_done(target, reached);
        return Fate::done;
    }

    /// Owns the message; waits for it where that was asked for.
    Result<queue::MessageFile> take(const Target& target) {
        const MonoTime end = system_clock().mono_now() + wait_;
        while (true) {
            auto file = queue::MessageFile::open(
                runtime_.store(), target.message.location, queue::Access::own
            );
            if (file || queue::failure_kind(file.error()) != queue::Failure::busy ||
                system_clock().mono_now() >= end) {
                return file;
            }
            std::this_thread::sleep_for(look_again);
        }
    }

    Fate could_not_take(const Target& target, const Error& error) {
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
    std::string who_has(const Target& target) {
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

    bool may_act(const Target& target, const queue::MessageFile& file) {
        const bool is_held = file.location().name.state() == queue::MessageState::held;
        if (action_ == Action::hold && is_held) {
            warn(target, "ALREADY", target.name() + " is held already");
            return false;
        }
        if (action_ == Action::release && !is_held) {
            warn(target, "NOTHELD", target.name() + " is not held");
            return false;
        }
        const bool destroys = action_ == Action::remove || action_ == Action::bounce;
        if (!destroys || line_.is_negated("confirm") || target.message.inode == 0) return true;
        struct stat status {};
        if (::fstat(file.descriptor(), &status) != 0) return true;
        if (status.st_ino == target.message.inode && status.st_dev == target.message.device) {
            return true;
        }
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

    /// False: refused, and said so.
    Result<bool> carry_out(const Target& target, Reached& reached) {
        switch (action_) {
            case Action::remove:
                return remove(reached, "deleted by " + user_);
            case Action::bounce:
                return bounce(target, reached);
            case Action::hold:
                return hold(reached);
            case Action::release:
                return release(reached);
        }
        return false;
    }

    Result<bool> remove(Reached& reached, const std::string& why) {
        auto events = events_about(reached, log::EventKind::discarded, {}, why);
        if (!events) return events.error();
        if (auto removed = reached.file.remove(); !removed) return std::move(removed).error();
        write_log_of_end(reached, std::move(*events));
        forget(reached);
        return true;
    }

    /// The notification is on stable storage before the file goes.
    Result<bool> bounce(const Target& target, Reached& reached) {
        if (reached.file.envelope().sender.empty()) {
            if (line_.has("force")) return remove(reached, "returned by " + user_ + ", no sender");
            warn(
                target, "NOSENDER",
                target.name() +
                    " has no sender to go back to; not returned "
                    "(-force deletes it)"
            );
            return false;
        }
        const auto unfinished = reached.file.unfinished();
        if (!unfinished) return unfinished.error();
        const WallTime now = runtime_.store().clock().wall_now();
        const StatusCode status{5, 0, 0};
        const auto disposition = dequeue::Disposition::failed(status, reason_);
        std::vector<dequeue::NoticeItem> items;
        for (const std::size_t i : *unfinished) {
            items.push_back({&reached.file.envelope().recipients[i], &disposition, status});
        }
        std::vector<bool> told;
        if (!items.empty()) {
            const auto sent = dequeue::send_notice(
                runtime_, channel_for_notice(reached), reached.file, dequeue::Notice::bounced,
                items, now
            );
            if (!sent) return sent.error();
            told = sent->told;
        }
        std::string why = "returned by " + user_;
        if (!reason_.empty()) why += ": " + reason_;
        auto events = events_about(reached, log::EventKind::returned, told, why);
        if (!events) return events.error();
        if (auto removed = reached.file.remove(); !removed) return std::move(removed).error();
        write_log_of_end(reached, std::move(*events));
        forget(reached);
        return true;
    }

    Result<bool> hold(Reached& reached) {
        std::string why = "operator " + user_;
        if (!reason_.empty()) why += ": " + reason_;
        if (auto held = reached.file.hold(actor(), why); !held) return std::move(held).error();
        const auto events = events_about(reached, log::EventKind::held, {}, "held: " + why);
        if (!events) return events.error();
        write_log(reached, *events);
        forget(reached);
        return true;
    }

    Result<bool> release(Reached& reached) {
        std::string why = "operator " + user_;
        if (!reason_.empty()) why += ": " + reason_;
        if (auto released = reached.file.release(actor(), why); !released) {
            return std::move(released).error();
        }
        auto events = events_about(reached, log::EventKind::held, {}, "released: " + why);
        if (!events) return events.error();
        for (log::Event& event : *events) event.cause = log::Cause::released;
        write_log(reached, *events);
        announce(reached);
        return true;
    }

    // --- what others are told ---

    [[nodiscard]] queue::Actor actor() const {
        return {"qm", static_cast<std::uint32_t>(::getpid()), 0};
    }

    /// The queue of a channel that is no longer configured is treated as the local channel's.
    [[nodiscard]] const channel::Channel& channel_for_notice(const Reached& reached) const {
        const channel::ChannelTable& channels = runtime_.configuration().imta.channels;
        const channel::Channel* own = channels.find(reached.before.channel);
        return own != nullptr ? *own : *channels.local();
    }

    /// One for each recipient that is not finished. `told`, where it is not empty, tells R from K.
    Result<std::vector<log::Event>> events_about(
        Reached& reached,
        log::EventKind kind,
        const std::vector<bool>& told,
        const std::string& diagnostic
    ) {
        const auto unfinished = reached.file.unfinished();
        if (!unfinished) return unfinished.error();
        const WallTime now = runtime_.store().clock().wall_now();
        log::Event event = dequeue::event_about(runtime_, reached.file, reached.before, now);
        event.diagnostic = diagnostic;
        event.reason = reason_;
        std::vector<log::Event> events;
        for (std::size_t i = 0; i < unfinished->size(); ++i) {
            event.kind = kind;
            if (kind == log::EventKind::returned && (i >= told.size() || !told[i])) {
                event.kind = log::EventKind::discarded;
            }
            dequeue::set_recipient(event, reached.file.envelope().recipients[(*unfinished)[i]]);
            events.push_back(event);
        }
        return events;
    }

    void write_log(const Reached& reached, const std::vector<log::Event>& events) {
        const std::string& name = reached.before.channel;
        runtime_.log().write(events, enqueue::log_options_of(runtime_.configuration(), name));
    }

    void write_log_of_end(const Reached& reached, std::vector<log::Event> events) {
        events.push_back(dequeue::event_of_end(runtime_, reached.file, reached.before));
        write_log(reached, events);
    }

    /// The job controller drops its entry. Where it does not answer it will find the file gone.
    void forget(const Reached& reached) {
        const auto controller = session_.controller();
        if (!controller) return;
        auto forgotten =
            (*controller)->forget(reached.before.channel, file_in_channel(reached.before));
        (void)forgotten;
    }

    /// The job controller tries it at once, ahead of all others.
    void announce(Reached& reached) {
        const auto controller = session_.controller();
        if (!controller) {
            if (!said_no_controller_) {
                console_.info(
                    facility, "NOJBC",
                    "the job controller does not answer; it will find released messages itself"
                );
            }
            said_no_controller_ = true;
            return;
        }
        const queue::Envelope& envelope = reached.file.envelope();
        jobs::NewMessage message;
        message.channel = reached.file.location().channel;
        message.file = file_in_channel(reached.file.location());
        message.host = envelope.recipients.front().host.value_or("");
        message.priority = priority_of(envelope);
        message.released = true;
        message.size = reached.file.content_offset() + reached.file.content_size();
        message.recipients = static_cast<std::uint32_t>(envelope.recipients.size());
        message.attempts = static_cast<std::uint16_t>(reached.file.location().name.attempts);
        message.enqueued = envelope.enqueued;
        runtime_.notifier().notify(std::move(message));
    }

    // --- saying what happened ---

    void json_line(const Target& target, std::string_view outcome, const std::string& text) {
        JsonLine json;
        json.add("action", to_lower(text_of(action_).verb))
            .add("file", target.message.location.relative_path())
            .add("outcome", outcome);
        if (target.number != 0) json.add("id", std::uint64_t{target.number});
        if (!text.empty()) json.add("text", text);
        console_.line(json.to_string());
    }
    void warn(const Target& target, std::string_view ident, std::string text) {
        if (line_.has("json")) {
            json_line(target, to_lower(ident), text);
        } else {
            console_.warning(facility, ident, std::move(text));
        }
    }
    Fate failed(const Target& target, const Error& error) {
        std::string text = target.name() + ' ' + std::string(text_of(action_).not_done) + ": " +
                           (error.detail().empty() ? error.text() : error.detail());
        if (line_.has("json")) {
            json_line(target, "failed", text);
        } else {
            console_.error(facility, "FAILED", std::move(text));
        }
        return Fate::failed;
    }
    void tell_done(const Target& target, const Reached& reached) {
        if (line_.has("json")) {
            json_line(target, text_of(action_).done, {});
        } else if (!line_.is_negated("log")) {
            console_.info(
                facility, text_of(action_).ident,
                std::string(text_of(action_).done) + " the message file " +
                    reached.before.path(runtime_.store().root())
            );
        }
    }

    Invocation& invocation_;
    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    Action action_;
    std::string user_;
    std::string reason_;
    std::chrono::seconds wait_{0};
    unsigned long done_ = 0;
    unsigned long skipped_ = 0;
    unsigned long failed_ = 0;
    unsigned long cancelled_ = 0;
    bool said_no_controller_ = false;
};

template <Action Chosen>
ExitCode change(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    return Change(invocation, session, runtime, Chosen).run();
}

constexpr std::array change_switches = {
    Switch{"confirm", Switch::Value::none, "ask about each message; -no: do not ask at all"},
    Switch{"log", Switch::Value::none, "a line for each message (default)"},
    Switch{"wait", Switch::Value::optional, "seconds to wait for a message in use (60)"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};

// -reason selects elsewhere; here it is what the operator has to say.
constexpr std::array selection_without_reason = [] {
    std::array<Switch, selector_switches.size() - 1> out{};
    std::size_t next = 0;
    for (const Switch& one : selector_switches) {
        if (one.name != "reason") out[next++] = one;
    }
    return out;
}();
constexpr auto delete_switches =
    joined(joined(target_switches, selector_switches), change_switches);
constexpr auto reason_switches =
    joined(joined(target_switches, selection_without_reason), change_switches);
constexpr std::array reason_switch = {
    Switch{"reason", Switch::Value::required, "why: for the history of the message"},
};
constexpr std::array return_only = {
    Switch{"reason", Switch::Value::required, "why: for the report to the sender"},
    Switch{"force", Switch::Value::none, "delete what has no sender to go back to"},
};
constexpr auto hold_switches = joined(reason_switches, reason_switch);
constexpr auto return_file_switches = joined(change_switches, return_only);
constexpr auto return_switches = joined(reason_switches, return_only);

}  // namespace

const Command qm_delete_command = {
    .name = "delete",
    .summary = "delete messages, without a notification",
    .parameters = "[id ...]",
    .switches = delete_switches,
    .most_parameters = any_number,
    .run = with_queue<change<Action::remove>>,
};

const Command qm_return_command = {
    .name = "return",
    .summary = "return messages to their senders",
    .parameters = "[id ...]",
    .switches = return_switches,
    .most_parameters = any_number,
    .run = with_queue<change<Action::bounce>>,
};

/// The same for files named on the command line.
const Command return_command = {
    .name = "return",
    .summary = "return messages, by file name, to their senders",
    .parameters = "file ...",
    .switches = return_file_switches,
    .least_parameters = 1,
    .most_parameters = any_number,
    .run = with_queue<change<Action::bounce>>,
};

const Command qm_hold_command = {
    .name = "hold",
    .summary = "hold messages: no further attempts",
    .parameters = "[id ...]",
    .switches = hold_switches,
    .most_parameters = any_number,
    .run = with_queue<change<Action::hold>>,
};

const Command qm_release_command = {
    .name = "release",
    .summary = "release held messages, to be tried at once",
    .parameters = "[id ...]",
    .switches = hold_switches,
    .most_parameters = any_number,
    .run = with_queue<change<Action::release>>,
};

}  // namespace sluice::utility
