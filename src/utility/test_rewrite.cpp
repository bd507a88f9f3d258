// imsimta test -rewrite: the way of an address, as the server would decide it.
#include "utility/test_rewrite.h"

#include "address/address_form.h"
#include "base/bytes.h"
#include "lookup/sources.h"
#include "policy/outgoing_address.h"
#include "utility/test_faces.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TEST";

void call_local_host(const RewriteSetting& setting, rewrite::Outcome& outcome) {
    if (setting.local_alias.empty()) return;
    outcome.address = address::rename_host(
        outcome.address, setting.configuration->local_host(), setting.local_alias
    );
}

/// The address as the copy for the destination channel would have it: rewritten, reversed, in the
/// channel's form.
rewrite::Outcome written(
    const RewriteSetting& setting,
    policy::AddressKind kind,
    const RewriteFindings& findings,
    policy::Trace* trace
) {
    TrialAnswers outside(setting);
    const config::Configuration& configuration = *setting.configuration;
    const std::string completed = policy::complete_address(
        configuration, *setting.source, kind, findings.address, setting.origin()
    );
    rewrite::Outcome outcome = policy::rewrite_address(
        configuration, *setting.source, kind, completed, outside, nullptr, setting.destination
    );
    if (!outcome.ok()) return outcome;
    const policy::CopyContext copy{configuration,    *setting.source, *setting.destination,
                                   setting.origin(), outside,         trace};
    auto outgoing = policy::outgoing_address(copy, kind, findings.address);
    if (outgoing) {
        outcome.address = std::move(*outgoing);
        call_local_host(setting, outcome);
    } else {
        outcome.failure = {outgoing.error().status(), outgoing.error().text()};
    }
    return outcome;
}

RewriteFindings look_at(const RewriteSetting& setting, const std::string& given) {
    const config::Configuration& configuration = *setting.configuration;
    RewriteFindings out;
    out.given = given;
    std::string_view address = trim(given);
    const std::size_t bracket = address.rfind('<');
    if (bracket != std::string_view::npos && address.ends_with('>')) {
        out.name = trim(address.substr(0, bracket));
        address = address.substr(bracket + 1, address.size() - bracket - 2);
    }
    out.address = address;
    TrialAnswers outside(setting);
    using Kind = policy::AddressKind;
    out.completed = policy::complete_address(
        configuration, *setting.source, Kind::envelope_to, out.address, setting.origin()
    );
    const auto kept = [&](policy::Trace& trace) { return setting.wants_trace ? &trace : nullptr; };
    out.header_to = written(setting, Kind::header_forward, out, kept(out.header_to_trace));
    out.header_from = written(setting, Kind::header_backward, out, kept(out.header_from_trace));
    out.envelope_from = written(setting, Kind::envelope_from, out, kept(out.envelope_from_trace));
    out.envelope_to = policy::rewrite_address(
        configuration, *setting.source, Kind::envelope_to, out.completed, outside, nullptr,
        setting.destination
    );
    call_local_host(setting, out.envelope_to);
    policy::RecipientProbe probe;
    probe.source = setting.source;
    probe.sender = setting.sender_decision.address;
    probe.address = out.address;
    probe.orcpt = setting.orcpt;
    probe.client_name = setting.client_name;
    probe.session = setting.session;
    probe.authenticated_from = setting.authenticated_from;
    probe.recipient_count = 1;
    probe.notify_success = setting.notify_success;
    probe.notify_failure = true;
    probe.notify_delay = true;
    probe.defers_expansion = setting.defers_expansion;
    out.decision = policy::decide_recipient(
        configuration, probe, outside, setting.wants_trace ? &out.trace : nullptr
    );
    return out;
}

template <class Texts>
void tell_warnings(Console& console, const Texts& warnings) {
    for (const std::string& warning : warnings) console.warning(facility, "ENGINE", warning);
}

}  // namespace

mapping::Answer TrialAnswers::ask(const mapping::Question& question) {
    if (setting_.closed_databases.contains(question.kind)) return mapping::Answer::none();
    return setting_.sources->answer(question);
}

ExitCode test_rewrite(Invocation& invocation) {
    Console& console = invocation.console();
    const bool json = invocation.line().has("json");
    RewriteSetting setting;
    setting.configuration = load_test_configuration(invocation);
    if (!setting.configuration) return ExitCode::configuration;
    setting.sources = std::make_unique<lookup::Sources>(setting.configuration);
    if (const auto wrong = read_circumstances(invocation, setting)) return *wrong;
    tell_warnings(console, setting.sender_decision.warnings);
    if (setting.wants_trace && !json) print_setting_explanation(console, setting);
    return for_each_input(invocation, "Address: ", [&](const std::string& address) {
        const RewriteFindings findings = look_at(setting, address);
        tell_warnings(console, findings.decision.warnings);
        if (json) {
            print_rewrite_json(console, setting, findings);
        } else {
            if (setting.wants_trace) print_rewrite_explanation(console, setting, findings);
            print_rewrite_report(console, setting, findings);
        }
        return findings.accepted(setting) ? ExitCode::done : ExitCode::failed;
    });
}

}  // namespace sluice::utility
