// imsimta qm delete, return, expire, hold, release; imsimta return, process_held.
#include "utility/qm_change.h"
#include "utility/qm_commands.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

template <Action Chosen>
ExitCode change(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    TargetRules rules;
    rules.held_by_default = Chosen == Action::release;
    rules.reason_selects = Chosen == Action::remove || Chosen == Action::expire;
    rules.files_are_parameters = invocation.line().command_name() == "return";
    return MessageChange(invocation, session, runtime, Chosen).run(rules);
}

/// Everything that waits in channel hold goes on; nobody is asked.
ExitCode process_held(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Selector selector;
    selector.channel = "hold";
    selector.held = true;
    auto found = gather_messages(session, invocation.console(), selector, {}, false);
    if (!found) {
        invocation.console().error("QM", "NOTREAD", found.error().detail());
        return ExitCode::failed;
    }
    Targets targets;
    for (QueuedMessage& message : *found) targets.messages.push_back({std::move(message), 0});
    return MessageChange(invocation, session, runtime, Action::release).run(targets);
}

// -reason selects elsewhere; with these it is what the operator has to say.
constexpr std::array selection_without_reason = [] {
    std::array<Switch, selector_switches.size() - 1> out{};
    std::size_t next = 0;
    for (const Switch& one : selector_switches) {
        if (one.name != "reason") out[next++] = one;
    }
    return out;
}();
constexpr auto expire_selection =
    joined(joined(target_switches, selector_switches), change_switches);
constexpr std::array delete_only = {
    Switch{"force", Switch::Value::none, "what is being delivered too: the rest of it is dropped"},
};
constexpr auto delete_switches = joined(expire_selection, delete_only);
constexpr auto reason_switches =
    joined(joined(target_switches, selection_without_reason), change_switches);
constexpr std::array reason_switch = {
    Switch{"reason", Switch::Value::required, "why: for the history of the message"},
};
constexpr std::array force_switch = {
    Switch{"force", Switch::Value::none, "delete what has no sender to go back to"},
};
constexpr std::array return_only = {
    Switch{"reason", Switch::Value::required, "why: for the report to the sender"},
    Switch{"force", Switch::Value::none, "delete what has no sender to go back to"},
};
constexpr std::array release_only = {
    Switch{
        "strip_received", Switch::Value::none, "remove all Received: lines but the oldest three"},
};
constexpr auto hold_switches = joined(reason_switches, reason_switch);
constexpr auto release_switches = joined(hold_switches, release_only);
constexpr auto return_file_switches = joined(change_switches, return_only);
constexpr auto return_switches = joined(reason_switches, return_only);
constexpr auto expire_switches = joined(expire_selection, force_switch);

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

const Command qm_expire_command = {
    .name = "expire",
    .summary = "return messages as if their time had run out",
    .parameters = "[id ...]",
    .switches = expire_switches,
    .most_parameters = any_number,
    .run = with_queue<change<Action::expire>>,
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
    .switches = release_switches,
    .most_parameters = any_number,
    .run = with_queue<change<Action::release>>,
};

const Command process_held_command = {
    .name = "process_held",
    .summary = "release what waits in channel hold",
    .switches = change_switches,
    .run = with_queue<process_held>,
};

}  // namespace sluice::utility
