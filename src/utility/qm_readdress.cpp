// imsimta qm readdress, resender: other addresses for messages that are held or wait.
#include <algorithm>

#include "base/bytes.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_commands.h"
#include "utility/qm_one_message.h"

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

class OtherAddress : public OneMessage {
public:
    using OneMessage::OneMessage;

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
};

ExitCode readdress(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    return OtherAddress(invocation, session, runtime).readdress();
}

ExitCode resender(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    return OtherAddress(invocation, session, runtime).resender();
}

constexpr std::array readdress_own = {
    Switch{"to", Switch::Value::required, "the new address"},
    Switch{"recipient", Switch::Value::required, "the recipient to be replaced"},
};
constexpr std::array resender_own = {
    Switch{"from", Switch::Value::required, "the new envelope sender; <> is the empty one"},
};
constexpr auto readdress_switches = joined(one_message_switches, readdress_own);
constexpr auto resender_switches = joined(one_message_switches, resender_own);

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
