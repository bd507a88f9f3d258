// imsimta qm readdress, resender: other addresses for messages that are held or wait.
#include <algorithm>

#include "base/bytes.h"
#include "utility/json_line.h"
#include "utility/operator_log.h"
#include "utility/printable.h"
#include "utility/qm_acts.h"
#include "utility/qm_commands.h"
#include "utility/qm_targets.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";

/// "<user@host>" or "user@host". What a mailbox is is left to rewriting; an envelope line it must
/// fit.
std::optional<std::string> address_of(std::string_view text) {
    if (text.size() >= 2 && text.front() == '<' && text.back() == '>')
        text = text.substr(1, text.size() - 2);
    const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet <= ' ' || octet == 127;
    });
    constexpr std::size_t longest = 1024;
    if (!clean || text.size() > longest) return std::nullopt;
    return std::string(text);
}

/// One command, one message.
class OtherAddress {
public:
    OtherAddress(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime)
        : invocation_(invocation),
          line_(invocation.line()),
          console_(invocation.console()),
          session_(session),
          runtime_(runtime),
          acts_(session, runtime, user_name(login_of(invocation.who().user_id))) {}

    ExitCode readdress() {
        const auto to = address_of(line_.value("to").value_or(""));
        if (!to || to->empty()) return usage("VALUE", "-to needs an address");
        const auto old = address_of(line_.value("recipient").value_or(""));
        if (!old) return usage("VALUE", "-recipient needs an address");
        return with_message([&](const Target& target, OwnedMessage& message) -> ExitCode {
            const auto index = choose(message, *old);
            if (!index) return ExitCode::not_found;
            const std::string before = message.file.envelope().recipients[*index].address;
            auto moved = acts_.readdress(message, *index, *to);
            return tell(
                target, moved, "READDRESSED", before + " is now " + *to + " in the message file "
            );
        });
    }

    ExitCode resender() {
        const auto from = line_.value("from");
        const auto sender = address_of(from.value_or(""));
        if (!from || !sender) return usage("VALUE", "-from needs an address; <> is the empty one");
        return with_message([&](const Target& target, OwnedMessage& message) -> ExitCode {
            auto changed = acts_.change_sender(message, *sender);
            return tell(
                target, changed, "SENDER",
                "<" + *sender + "> is now the sender of the message file "
            );
        });
    }

private:
    ExitCode usage(std::string_view ident, std::string text) {
        console_.error(facility, ident, std::move(text));
        return ExitCode::usage;
    }

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

    ExitCode cannot_take(const Target& target, const Error& error) {
        switch (queue::failure_kind(error)) {
            case queue::Failure::gone:
                console_.warning(facility, "GONE", target.name() + " is no longer queued");
                return ExitCode::not_found;
            case queue::Failure::busy:
                console_.warning(facility, "BUSY", target.name() + " is in use; not changed");
                return ExitCode::partly_done;
            default:
                console_.error(facility, "FAILED", target.name() + ": " + error.detail());
                return ExitCode::failed;
        }
    }

    /// The recipient meant, among those that are not finished.
    std::optional<std::size_t> choose(OwnedMessage& message, const std::string& old) {
        const auto unfinished = message.file.unfinished();
        if (!unfinished) {
            console_.error(facility, "NOTREAD", unfinished.error().detail());
            return std::nullopt;
        }
        const auto& recipients = message.file.envelope().recipients;
        if (old.empty() && unfinished->size() == 1) return unfinished->front();
        if (old.empty()) {
            console_.error(
                facility, "WHICH",
                "the message has " + std::to_string(unfinished->size()) +
                    " recipients: say which with -recipient"
            );
            return std::nullopt;
        }
        for (const std::size_t i : *unfinished) {
            if (equals_ignoring_case(recipients[i].address, old)) return i;
        }
        console_.error(facility, "NORECIPIENT", old + " is no recipient of this message");
        return std::nullopt;
    }

    ExitCode tell(
        const Target& target,
        const Result<queue::MessageLocation>& moved,
        std::string_view ident,
        const std::string& text
    ) {
        if (!moved) {
            const Error& error = moved.error();
            console_.error(
                facility, "FAILED",
                target.name() +
                    " not changed: " + (error.detail().empty() ? error.text() : error.detail())
            );
            return ExitCode::failed;
        }
        remember(target, *moved);
        if (line_.has("json")) {
            JsonLine json;
            json.add("outcome", to_lower(ident)).add("file", moved->relative_path());
            console_.line(json.to_string());
        } else {
            console_.info(facility, ident, text + moved->path(runtime_.store().root()));
        }
        return ExitCode::done;
    }

    /// The number goes on to mean the message that was changed.
    void remember(const Target& target, const queue::MessageLocation& location) {
        if (target.number == 0) return;
        QueuedMessage& listed = session_.listing[target.number - 1];
        listed.location = location;
        read_message(runtime_.store(), listed, {});
    }

    Invocation& invocation_;
    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    MessageActs acts_;
};

ExitCode readdress(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    return OtherAddress(invocation, session, runtime).readdress();
}

ExitCode resender(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    return OtherAddress(invocation, session, runtime).resender();
}

// One message is named, not described: -to and -from are the new addresses.
constexpr std::array named_only = {
    Switch{"file", Switch::Value::required, "the file channel/sub-directory/name"},
    Switch{"id", Switch::Value::required, "the file whose name has this unique part"},
    Switch{"channel", Switch::Value::required, "only in this channel"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};
constexpr std::array readdress_own = {
    Switch{"to", Switch::Value::required, "the new address"},
    Switch{"recipient", Switch::Value::required, "the recipient to be replaced"},
};
constexpr std::array resender_own = {
    Switch{"from", Switch::Value::required, "the new envelope sender; <> is the empty one"},
};
constexpr auto readdress_switches = joined(named_only, readdress_own);
constexpr auto resender_switches = joined(named_only, resender_own);

}  // namespace

const Command qm_readdress_command = {
    .name = "readdress",
    .summary = "give one recipient of a message another address",
    .parameters = "[id]",
    .switches = readdress_switches,
    .most_parameters = 1,
    .run = with_queue<readdress>,
};

const Command qm_resender_command = {
    .name = "resender",
    .summary = "give a message another envelope sender",
    .parameters = "[id]",
    .switches = resender_switches,
    .most_parameters = 1,
    .run = with_queue<resender>,
};

}  // namespace sluice::utility
