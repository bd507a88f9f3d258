// `imsimta test -rewrite -json`.
#include "utility/explain_json.h"
#include "utility/test_rewrite.h"

namespace sluice::utility {

namespace {

JsonLine outcome_json(const rewrite::Outcome& outcome) {
    JsonLine json;
    if (outcome.ok()) {
        json.add("address", outcome.address)
            .add("channel", outcome.channel)
            .add("host", outcome.host)
            .add("route", outcome.routing_system);
    } else {
        json.add("status", outcome.failure->status.to_string()).add("text", outcome.failure->text);
    }
    return json;
}

}  // namespace

void print_rewrite_json(
    Console& console, const RewriteSetting& setting, const RewriteFindings& findings
) {
    JsonLine json;
    json.add("address", findings.given)
        .add("source_channel", setting.source->name())
        .add("sender", setting.sender_decision.address)
        .add("completed", findings.completed)
        .add("channel", findings.envelope_to.channel)
        .add("backward_channel", findings.envelope_from.channel);
    json.add("header_to", outcome_json(findings.header_to))
        .add("header_from", outcome_json(findings.header_from))
        .add("envelope_to", outcome_json(findings.envelope_to))
        .add("envelope_from", outcome_json(findings.envelope_from));
    const policy::Refusal* refusal = findings.refusal(setting);
    json.add("accepted", findings.accepted(setting));
    if (refusal != nullptr) {
        JsonLine refused;
        refused.add("code", refusal->code)
            .add("status", refusal->status.to_string())
            .add("text", refusal->text);
        json.add("refusal", refused);
    }
    std::vector<JsonLine> destinations;
    for (const auto& one : findings.decision.destinations) {
        JsonLine item;
        item.add("address", one.address).add("channel", one.channel).add("host", one.host);
        if (!one.intermediate.empty()) item.add("intermediate", one.intermediate);
        if (!one.hold_reason.empty()) item.add("held", one.hold_reason);
        if (one.settled) item.add("settled", one.settled->status.to_string());
        destinations.push_back(std::move(item));
    }
    json.add("destinations", destinations);
    std::vector<JsonLine> failed;
    for (const auto& one : findings.decision.failed_members) {
        failed.emplace_back().add("address", one.address).add("reply", one.refusal.to_string());
    }
    if (!failed.empty()) json.add("failed_members", failed);
    JsonLine replies;
    if (!setting.reply().empty()) replies.add("mail_from", setting.reply());
    const std::string reply = findings.reply(setting);
    if (!reply.empty()) replies.add("rcpt_to", reply);
    json.add("replies", replies);
    if (setting.wants_trace) {
        json.add("sender_explanation", json_of(setting.trace))
            .add("explanation", json_of(findings.trace))
            .add("header_to_explanation", json_of(findings.header_to_trace))
            .add("header_from_explanation", json_of(findings.header_from_trace))
            .add("envelope_from_explanation", json_of(findings.envelope_from_trace));
    }
    console.line(json.to_string());
}

}  // namespace sluice::utility
