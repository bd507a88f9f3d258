// `imsimta test -rewrite -explain`, and what an SMTP client is told.
#include "base/bytes.h"
#include "smtp/standard_replies.h"
#include "utility/explain_text.h"
#include "utility/test_rewrite.h"

namespace sluice::utility {

namespace {

std::string text_of(const policy::Refusal& refusal) {
    return smtp::Reply(refusal.code, refusal.status, refusal.text).to_text();
}

void print_lines(Console& console, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) console.line("  " + line);
}

void print_reply(Console& console, const std::string& command, const std::string& reply) {
    if (!reply.empty()) console.line(command + " is answered: " + printable(reply));
}

/// What becomes of the address in a copy for the destination channel; places where the same happens
/// are told together.
void print_forms(Console& console, const RewriteSetting& setting, const RewriteFindings& findings) {
    struct Form {
        std::string places;
        std::vector<std::string> lines;
    };
    std::vector<Form> forms;
    const auto tell = [&](const std::string& place, const policy::Trace& trace) {
        auto lines = explanation_of(trace);
        if (!forms.empty() && forms.back().lines == lines) {
            forms.back().places += ", " + place;
        } else {
            forms.push_back({place, std::move(lines)});
        }
    };
    tell("header To:", findings.header_to_trace);
    tell("header From:", findings.header_from_trace);
    tell("envelope From:", findings.envelope_from_trace);
    for (const Form& form : forms) {
        console.line(
            "Explanation of " + form.places + " for channel " + setting.destination->name() + ':'
        );
        print_lines(console, form.lines);
    }
}

}  // namespace

std::string RewriteSetting::reply() const {
    if (refuses_connection()) {
        std::string text;
        for (const std::string& line : port->reply.lines) {
            text += (text.empty() ? "" : " ") + line;
        }
        return text;
    }
    if (sender_decision.refusal) return text_of(*sender_decision.refusal);
    return smtp::replies::mail_accepted(false).to_text();
}

bool RewriteFindings::accepted(const RewriteSetting& setting) const {
    if (setting.checks_expansions && !decision.failed_members.empty()) return false;
    return !setting.refuses_connection() && refusal(setting) == nullptr;
}

const policy::Refusal* RewriteFindings::refusal(const RewriteSetting& setting) const {
    if (setting.sender_decision.refusal) return &*setting.sender_decision.refusal;
    return decision.refusal ? &*decision.refusal : nullptr;
}

std::string RewriteFindings::reply(const RewriteSetting& setting) const {
    if (setting.refuses_connection() || setting.sender_decision.refusal) return {};
    if (decision.refusal) return text_of(*decision.refusal);
    return smtp::replies::recipient_accepted(address, setting.notify_success).to_text();
}

void print_setting_explanation(Console& console, const RewriteSetting& setting) {
    console.line("Explanation of the sender <" + printable(setting.sender) + ">:");
    print_lines(console, explanation_of(setting.trace));
    const bool connection = setting.refuses_connection();
    const std::string command =
        connection ? "The connection" : "MAIL FROM:<" + printable(setting.sender) + '>';
    print_reply(console, command, setting.reply());
}

void print_rewrite_explanation(
    Console& console, const RewriteSetting& setting, const RewriteFindings& findings
) {
    console.line("Explanation of " + printable(findings.given) + ':');
    print_lines(console, explanation_of(findings.trace));
    print_reply(console, "RCPT TO:<" + printable(findings.address) + '>', findings.reply(setting));
    print_forms(console, setting, findings);
}

}  // namespace sluice::utility
