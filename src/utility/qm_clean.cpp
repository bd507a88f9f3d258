// imsimta qm clean, qclean: hold or delete what contains given texts.
#include <algorithm>
#include <mutex>

#include "base/bytes.h"
#include "utility/printable.h"
#include "utility/qm_change.h"
#include "utility/qm_commands.h"
#include "utility/qm_scan.h"
#include "utility/utilities.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";
// Long texts make false hits unlikely.
constexpr std::uint64_t usual_least_length = 24;

/// What must occur in a message. Header texts and domains compare without regard to case.
struct Texts {
    std::optional<std::string> content;
    std::optional<std::string> from;
    std::optional<std::string> subject;
    std::optional<std::string> to;
    std::optional<std::string> domain_to;
    bool any = false;  ///< -match=or

    [[nodiscard]] bool empty() const { return !content && !from && !subject && !to && !domain_to; }
};

/// The local part as it is, the domain without regard to case.
bool address_contains(std::string_view address, std::string_view part) {
    if (part == "<>") return address.empty();
    const std::size_t at = address.rfind('@');
    if (at == std::string_view::npos) return address.find(part) != std::string_view::npos;
    const std::string folded = std::string(address.substr(0, at)) + to_lower(address.substr(at));
    const std::size_t part_at = part.rfind('@');
    std::string wanted(part);
    if (part_at != std::string_view::npos)
        wanted = std::string(part.substr(0, part_at)) + to_lower(part.substr(part_at));
    if (folded.find(wanted) != std::string::npos) return true;
    // A part without @ may lie in the domain.
    return part_at == std::string_view::npos &&
           contains_ignoring_case(address.substr(at + 1), part);
}

bool fits(const Texts& texts, queue::MessageFile& file) {
    const queue::Envelope& envelope = file.envelope();
    const auto some_recipient = [&](auto test) {
        return std::any_of(
            envelope.recipients.begin(), envelope.recipients.end(),
            [&](const queue::Recipient& recipient) { return test(recipient.address); }
        );
    };
    // The cheap ones first.
    bool one = false;
    const auto decide = [&](const std::optional<std::string>& text, auto test) {
        if (!text) return true;
        const bool found = test(*text);
        one = one || found;
        return found;
    };
    bool all = decide(texts.from, [&](const std::string& text) {
        return address_contains(envelope.sender, text);
    });
    all &= decide(texts.to, [&](const std::string& text) {
        return some_recipient([&](const auto& address) { return address_contains(address, text); });
    });
    all &= decide(texts.domain_to, [&](const std::string& text) {
        return some_recipient([&](const auto& address) {
            return contains_ignoring_case(domain_of(address), text);
        });
    });
    if (texts.any ? one : !all) return texts.any;
    all &= decide(texts.subject, [&](const std::string& text) {
        return contains_ignoring_case(decoded_subject(file), text);
    });
    if (texts.any ? one : !all) return texts.any;
    all &= decide(texts.content, [&](const std::string& text) {
        return content_contains(file, text);
    });
    return texts.any ? one : all;
}

class Clean {
public:
    Clean(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime)
        : invocation_(invocation),
          line_(invocation.line()),
          console_(invocation.console()),
          session_(session),
          runtime_(runtime) {}

    ExitCode run() {
        if (!take_texts()) return ExitCode::usage;
        const auto plan = scan_plan(line_, session_, console_);
        if (!plan) return ExitCode::usage;
        if (line_.has("delete") && line_.has("hold")) {
            console_.error(facility, "CONFLICT", "-delete and -hold exclude each other");
            return ExitCode::usage;
        }
        Targets targets;
        std::mutex mutex;
        const auto totals = scan_messages(session_, console_, *plan, [&](queue::MessageFile& file) {
            // What is held already is only looked at to be deleted.
            const bool is_held = file.location().name.state() != queue::MessageState::eligible;
            if ((is_held && !line_.has("delete")) || !fits(texts_, file)) return;
            const std::lock_guard lock(mutex);
            targets.messages.push_back({described(file), 0});
        });
        if (!totals) {
            if (plan->from_database) return report_no_controller(console_, totals.error());
            console_.error(facility, "NOTREAD", totals.error().detail());
            return ExitCode::failed;
        }
        if (line_.has("verbose") || targets.messages.empty()) say_totals(*totals, targets);
        if (targets.messages.empty()) return ExitCode::done;
        return act(targets);
    }

private:
    bool take_texts() {
        texts_.content = text_of_switch("content");
        texts_.from = text_of_switch("from");
        texts_.subject = text_of_switch("subject");
        texts_.to = text_of_switch("to");
        texts_.domain_to = text_of_switch("domain_to");
        if (texts_.empty()) {
            return refuse("MISSING", "say what: -content, -from, -subject, -to or -domain_to");
        }
        if (const auto match = line_.value("match")) {
            texts_.any = equals_ignoring_case(*match, "or");
            if (!texts_.any && !equals_ignoring_case(*match, "and"))
                return refuse("VALUE", "-match is and, or or");
        }
        return are_long_enough();
    }

    bool are_long_enough() {
        std::uint64_t least = usual_least_length;
        if (const auto text = line_.value("min_length")) {
            const auto number = parse_unsigned(*text);
            if (!number || *number == 0) return refuse("VALUE", "-min_length takes a number");
            least = *number;
        }
        for (const auto* text :
             {&texts_.content, &texts_.from, &texts_.subject, &texts_.to, &texts_.domain_to}) {
            if (!*text || **text == "<>" || (*text)->size() >= least) continue;
            return refuse(
                "TOOSHORT", **text + " has " + std::to_string((*text)->size()) +
                                " bytes, the least is " + std::to_string(least) +
                                "; see -min_length"
            );
        }
        return true;
    }

    std::optional<std::string> text_of_switch(std::string_view name) {
        const auto value = line_.value(name);
        return value ? std::optional<std::string>(*value) : std::nullopt;
    }
    bool refuse(std::string_view ident, std::string text) {
        console_.error(facility, ident, std::move(text));
        return false;
    }

    static QueuedMessage described(queue::MessageFile& file) {
        QueuedMessage message;
        message.location = file.location();
        message.is_read = true;
        message.size = file.content_size();
        return message;
    }

    void say_totals(const ScanTotals& totals, const Targets& targets) {
        if (line_.has("json")) return;
        console_.info(
            facility, "SCAN",
            std::to_string(totals.files) + " message files, " + std::to_string(totals.opened) +
                " opened, " + std::to_string(totals.errors) + " errors, " +
                std::to_string(targets.messages.size()) + " match"
        );
    }

    ExitCode act(Targets& targets) {
        std::sort(
            targets.messages.begin(), targets.messages.end(),
            [](const auto& a, const auto& b) {
                return a.message.location.relative_path() < b.message.location.relative_path();
            }
        );
        const bool destroys = line_.has("delete");
        // Holding takes nothing away: nobody needs to be asked.
        targets.is_set = destroys;
        return MessageChange(
                   invocation_, session_, runtime_, destroys ? Action::remove : Action::hold
        )
            .run(targets, "clean");
    }

    Invocation& invocation_;
    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    Texts texts_;
};

ExitCode clean(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    return Clean(invocation, session, runtime).run();
}

constexpr std::array own_switches = {
    Switch{"content", Switch::Value::required, "occurs in header or body"},
    Switch{"from", Switch::Value::required, "occurs in the envelope sender; <> is the empty one"},
    Switch{"subject", Switch::Value::required, "occurs in the subject"},
    Switch{"to", Switch::Value::required, "occurs in a recipient"},
    Switch{"domain_to", Switch::Value::required, "occurs in a recipient's domain"},
    Switch{"delete", Switch::Value::none, "delete them"},
    Switch{"hold", Switch::Value::none, "hold them (default)"},
    Switch{"match", Switch::Value::required, "and, or: how the texts go together (and)"},
    Switch{"min_length", Switch::Value::required, "least length of the texts (24)"},
    Switch{"confirm", Switch::Value::none, "ask about each message; -no: do not ask at all"},
    Switch{"dry_run", Switch::Value::none, "show which, do nothing"},
    Switch{"log", Switch::Value::none, "a line for each message (default)"},
};
constexpr auto switches = joined(own_switches, scan_switches);

}  // namespace

const Command qm_clean_command = {
    .name = "clean",
    .summary = "hold or delete messages that contain given texts",
    .parameters = "[channel]",
    .switches = switches,
    .most_parameters = 1,
    .run = with_queue<clean>,
};

const Command qclean_command = {
    .name = "qclean",
    .summary = "hold or delete messages that contain given texts",
    .parameters = "[channel]",
    .switches = switches,
    .most_parameters = 1,
    .run = with_queue<clean>,
};

}  // namespace sluice::utility
