#include "address_queries.h"

#include "address/ascii_domain.h"
#include "base/bytes.h"
#include "policy/recipient.h"
#include "policy/rewriting.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp_server {

namespace {

/// Longest answer to EXPN, in lines.
constexpr std::size_t most_members = 1000;

bool is_local(
    const config::Configuration& configuration,
    const channel::Channel& source,
    std::string_view address,
    mapping::Answers& answers
) {
    const auto kind = policy::AddressKind::envelope_to;
    const std::string completed =
        policy::complete_address(configuration, source, kind, address, {});
    const rewrite::Outcome outcome =
        policy::rewrite_address(configuration, source, kind, completed, answers);
    const channel::Channel* local = configuration.imta.channels.local();
    return outcome.ok() && local != nullptr &&
           configuration.imta.channels.find(outcome.channel) == local;
}

// Nothing is sent, so the access tables, which may count or write to syslog, are not asked.
policy::RecipientDecision decide(
    const config::Configuration& configuration,
    const channel::Channel& source,
    std::string_view address,
    mapping::Answers& answers
) {
    policy::RecipientProbe probe;
    probe.source = &source;
    probe.address = address;
    probe.skip_access_tables = true;
    probe.only_looking = true;
    return policy::decide_recipient(configuration, probe, answers);
}

// As the parser of RCPT has it: rules know one spelling of a domain.
std::string asked_address(std::string_view argument) {
    return address::with_ascii_domains(address_in(argument)).value_or(std::string());
}

smtp::Reply reply_of(const policy::Refusal& refusal) {
    return {refusal.code, refusal.status, refusal.text};
}

}  // namespace

std::string_view address_in(std::string_view argument) {
    const std::size_t open = argument.rfind('<');
    if (open == std::string_view::npos || argument.back() != '>') return trim(argument);
    return argument.substr(open + 1, argument.size() - open - 2);
}

smtp::Reply verify_reply(
    const config::Configuration& configuration,
    const channel::Channel& source,
    std::string_view argument,
    bool vague,
    mapping::Answers& answers
) {
    const std::string address = asked_address(argument);
    if (address.empty()) return smtp::replies::syntax_error();
    if (!is_local(configuration, source, address, answers))
        return smtp::replies::verify_remote_unchecked();
    if (vague) return smtp::replies::verify_possible_local(address);
    const auto decision = decide(configuration, source, address, answers);
    return decision.refusal ? reply_of(*decision.refusal)
                            : smtp::replies::verified(decision.rewritten);
}

smtp::Reply expand_reply(
    const config::Configuration& configuration,
    const channel::Channel& source,
    std::string_view argument,
    mapping::Answers& answers
) {
    const std::string address = asked_address(argument);
    if (address.empty()) return smtp::replies::syntax_error();
    if (!is_local(configuration, source, address, answers))
        return smtp::replies::verify_remote_unchecked();
    const auto decision = decide(configuration, source, address, answers);
    if (decision.refusal) return reply_of(*decision.refusal);
    // RFC 3463 section 3.8: mailing list expansion prohibited.
    if (decision.hides_members)
        return {550, {5, 7, 2}, "the members are not shown: " + smtp::sanitised(address)};
    if (decision.destinations.size() > most_members)
        return {452, {4, 5, 3}, "Too many addresses in " + smtp::sanitised(address)};
    std::vector<std::string> lines;
    for (const policy::Destination& destination : decision.destinations) {
        if (!destination.settled) lines.push_back(smtp::sanitised(destination.address));
    }
    return {250, {2, 1, 5}, std::move(lines)};
}

smtp::Reply route_reply(
    const config::Configuration& configuration,
    const channel::Channel& source,
    std::string_view argument,
    mapping::Answers& answers
) {
    const std::string address = asked_address(argument);
    if (address.empty()) return smtp::replies::syntax_error();
    const auto decision = decide(configuration, source, address, answers);
    if (decision.refusal) return reply_of(*decision.refusal);
    if (decision.hides_members || decision.destinations.size() > most_members)
        return {250, {2, 1, 5}, "list " + smtp::sanitised(address)};
    std::vector<std::string> lines;
    for (const policy::Destination& destination : decision.destinations) {
        if (destination.settled) continue;
        lines.push_back(
            "channel " + destination.channel + " host " + smtp::sanitised(destination.host) +
            " address " + smtp::sanitised(destination.address)
        );
    }
    return {250, {2, 1, 5}, std::move(lines)};
}

smtp::Reply configuration_reply(const config::Configuration& configuration) {
    const std::uint64_t generation = configuration.generation;
    const std::string which = generation == 0
                                  ? std::string("not compiled, the texts are in use")
                                  : "compiled, generation " + std::to_string(generation);
    return {
        250,
        {2, 5, 0},
        std::vector<std::string>{"Configuration " + which, "Character sets of ICU"}};
}

}  // namespace sluice::smtp_server
