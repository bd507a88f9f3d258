#include "access/other_tables.h"

#include "access/decode.h"
#include "base/bytes.h"

namespace sluice::access {

namespace {

// Option bits (option.dat): fields that DEQUEUE_ACCESS probes carry on demand.
constexpr unsigned dequeue_conversion_tag = 4096;
constexpr unsigned dequeue_retries = 2;

bool refuses(const mapping::Outcome& outcome) {
    return outcome.flags.has('N') || outcome.flags.has('F');
}

std::string text_or(const mapping::Outcome& outcome, std::string_view neutral) {
    const auto text = output_of(outcome);
    return std::string(text.empty() ? neutral : text);
}

mapping::Outcome ask(
    const Context& context,
    std::string_view table,
    const std::string& probe,
    const mapping::InputFlags& flags = {}
) {
    return mapping::probe(context.tables, table, probe, flags, context.answers, context.trace);
}

std::string dequeue_probe(const QueuedMessage& message, const Options& options) {
    const auto seconds = message.queue_time ? message.queue_time->count() : -1;
    std::string probe = message.channel + '|' + message.filename + '|' + std::to_string(seconds);
    for (const auto* text :
         {&message.envelope_from, &message.auth_parameter, &message.auth_sender, &message.priority,
          &message.domain}) {
        probe += '|' + guarded(*text, options);
    }
    if ((options.include_conversiontag & dequeue_conversion_tag) != 0) {
        std::string tags;
        for (const auto& tag : message.conversion_tags) tags += (tags.empty() ? "" : ",") + tag;
        probe += '|' + tags;
    }
    if ((options.include_retries & dequeue_retries) != 0) {
        probe += '|' + std::to_string(message.retries);
    }
    return probe;
}

}  // namespace

Verdict check_auth(
    const Context& context,
    const Session& session,
    std::string_view mechanism,
    std::string_view user,
    std::string_view source_channel
) {
    constexpr std::string_view table = "AUTH_ACCESS";
    std::string probe = connection_prefix(session, context.options);
    probe += guarded(mechanism, context.options) + '|' + guarded(user, context.options) + '|';
    probe += source_channel;
    const auto outcome = ask(context, table, probe, from_flags(session));
    Verdict verdict = begin_verdict(table, outcome);
    if (refuses(outcome)) {
        verdict.decision = Verdict::Decision::refuse;
        verdict.reply = make_reply(
            535, StatusCode{5, 7, 8}, text_or(outcome, "authentication not permitted"), {}
        );
    }
    return verdict;
}

EtrnVerdict check_etrn(
    const Context& context,
    const Session& session,
    std::string_view claimed_system,
    std::string_view full_name
) {
    std::string probe = connection_prefix(session, context.options);
    probe += guarded(claimed_system, context.options) + '|';
    probe += guarded(full_name, context.options);
    const auto outcome = ask(context, "ETRN_ACCESS", probe, from_flags(session));
    using Action = EtrnVerdict::Action;
    EtrnVerdict verdict;
    verdict.pending = outcome.pending;
    if (refuses(outcome)) {
        verdict.action = Action::refuse;
        verdict.reply =
            make_reply(459, StatusCode{4, 5, 0}, text_or(outcome, "ETRN not permitted"), {});
    } else if (outcome.flags.has('D') && !output_of(outcome).empty()) {
        verdict.action = Action::run_channel;
        verdict.channel = output_of(outcome);
    } else if (outcome.flags.has('S')) {
        verdict.action = Action::attempt;
    }
    return verdict;
}

OutboundVerdict check_outbound(const Context& context, const OutboundAddress& candidate) {
    constexpr std::string_view table = "IP_ACCESS";
    const std::string probe = candidate.source_channel + '|' + std::to_string(candidate.number) +
                              '|' + std::to_string(candidate.count) + '|' +
                              candidate.address.to_string() + '|' +
                              guarded(candidate.host, context.options);
    const auto outcome = ask(context, table, probe);
    using Action = OutboundVerdict::Action;
    OutboundVerdict verdict;
    verdict.pending = outcome.pending;
    verdict.warnings = outcome.warnings;
    if (outcome.flags.has('N')) {
        verdict.action = Action::fail_message;
        verdict.text = without_controls(output_of(outcome));
    } else if (outcome.flags.has('I')) {
        verdict.action = Action::skip;
    } else if (outcome.flags.has('A')) {
        verdict.instead = IpAddress::parse(trim(output_of(outcome)));
        if (verdict.instead) {
            verdict.action = Action::use_instead;
        } else {
            verdict.warnings.emplace_back("IP_ACCESS: flag $A without an address");
        }
    }
    return verdict;
}

DequeueVerdict check_dequeue(const Context& context, const QueuedMessage& message) {
    mapping::InputFlags flags;
    if (message.read_only) flags.set('R');
    const auto outcome =
        ask(context, "DEQUEUE_ACCESS", dequeue_probe(message, context.options), flags);
    DequeueVerdict verdict;
    verdict.pending = outcome.pending;
    verdict.warnings = outcome.warnings;
    verdict.postpone = outcome.flags.has('N');
    if (verdict.postpone && outcome.flags.has('S')) {
        constexpr std::uint64_t a_month = 31UL * 24 * 3600;
        const auto seconds = parse_unsigned(trim(output_of(outcome)));
        if (seconds && *seconds <= a_month) {
            verdict.next_attempt_after = std::chrono::seconds(*seconds);
        } else {
            verdict.warnings.emplace_back("DEQUEUE_ACCESS: flag $S without a number of seconds");
        }
    }
    return verdict;
}

bool check_http(const Context& context, const HttpRequest& request) {
    const auto& [client, server, method, path] = request;
    const std::string probe = client.address.to_string() + '|' + std::to_string(client.port) + '|' +
                              server.address.to_string() + '|' + std::to_string(server.port) + '|' +
                              guarded(method, context.options) + '|' +
                              guarded(path, context.options);
    const auto outcome = ask(context, "HTTP_ACCESS", probe);
    return !outcome.pending && !refuses(outcome) && outcome.flags.has('Y');
}

}  // namespace sluice::access
