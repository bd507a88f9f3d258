#pragma once

#include <string>
#include <string_view>

#include "utility/operator_log.h"
#include "utility/qm_acts.h"
#include "utility/qm_targets.h"

namespace sluice::utility {

/// A command about one message that is named, not described.
class OneMessage {
public:
    OneMessage(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime)
        : invocation_(invocation),
          line_(invocation.line()),
          console_(invocation.console()),
          session_(session),
          runtime_(runtime),
          acts_(session, runtime, user_name(login_of(invocation.who().user_id))) {}

protected:
    ExitCode usage(std::string_view ident, std::string text) {
        console_.error("QM", ident, std::move(text));
        return ExitCode::usage;
    }

    /// Finds and locks it, notes the command in operator.log, and calls `act`.
    template <class Act>
    ExitCode with_message(Act act) {
        ExitCode code = ExitCode::done;
        const auto targets =
            find_targets(invocation_, session_, runtime_, {.named_only = true}, code);
        if (!targets) return code;
        if (targets->messages.size() != 1) {
            return usage(
                "TOOMANY", "one message at a time, not " + std::to_string(targets->messages.size())
            );
        }
        const Target& target = targets->messages.front();
        auto file =
            queue::MessageFile::open(runtime_.store(), target.message.location, queue::Access::own);
        if (!file) return cannot_take(target, file.error());
        OwnedMessage message{std::move(*file), {}};
        message.before = message.file.location();
        write_audit(invocation_, session_, runtime_, 1);
        return act(target, message);
    }

    Invocation& invocation_;
    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    MessageActs acts_;

private:
    ExitCode cannot_take(const Target& target, const Error& error) {
        switch (queue::failure_kind(error)) {
            case queue::Failure::gone:
                console_.warning("QM", "GONE", target.name() + " is no longer queued");
                return ExitCode::not_found;
            case queue::Failure::busy:
                console_.warning("QM", "BUSY", target.name() + " is in use; not changed");
                return ExitCode::partly_done;
            default:
                console_.error("QM", "FAILED", target.name() + ": " + error.detail());
                return ExitCode::failed;
        }
    }
};

/// Switches that name it.
inline constexpr std::array one_message_switches = {
    Switch{"file", Switch::Value::required, "the file channel/sub-directory/name"},
    Switch{"id", Switch::Value::required, "the file whose name has this unique part"},
    Switch{"channel", Switch::Value::required, "only in this channel"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace sluice::utility
