#include "policy/rewriting.h"

#include "channel/keyword.h"
#include "mapping/engine.h"

namespace sluice::policy {

using channel::Keyword;
using mapping::Question;

rewrite::Answer RewritingAnswers::ask(Question question) {
    const mapping::Answer answer = outside_.ask(question);
    switch (answer.kind) {
        case mapping::Answer::Kind::found:
            return rewrite::Answer::found(answer.text);
        case mapping::Answer::Kind::not_found:
            return rewrite::Answer::not_found();
        case mapping::Answer::Kind::temporary_failure:
        case mapping::Answer::Kind::pending:
            break;
    }
    return rewrite::Answer::not_now();
}

rewrite::Answer RewritingAnswers::general_database(std::string_view key) {
    return ask({Question::Kind::general_value, std::string(key), {}, {}});
}

// The domain database is one more lookup table behind a name of its own.
rewrite::Answer RewritingAnswers::domain_database(std::string_view pattern) {
    return ask({Question::Kind::domain_attribute, std::string(pattern), {}, "rewrite"});
}

rewrite::Answer RewritingAnswers::mapping(std::string_view table, std::string_view text) {
    const mapping::Outcome outcome =
        mapping::probe(configuration_.mappings, table, text, {}, outside_);
    if (outcome.pending || (outcome.temporary_failure && !outcome.flags.has('Y')))
        return rewrite::Answer::not_now();
    if (!outcome.matched || !outcome.flags.has('Y')) return rewrite::Answer::not_found();
    return rewrite::Answer::found(outcome.output);
}

rewrite::Locality RewritingAnswers::locality(std::string_view domain) {
    const rewrite::Answer answer =
        ask({Question::Kind::domain_attribute, std::string(domain), {}, "local"});
    switch (answer.state) {
        case rewrite::Answer::State::found:
            return rewrite::Locality::local;
        case rewrite::Answer::State::not_found:
            return rewrite::Locality::not_local;
        case rewrite::Answer::State::not_now:
            break;
    }
    return rewrite::Locality::not_now;
}

rewrite::Answer RewritingAnswers::site_routine(
    std::string_view image, std::string_view routine, std::string_view text
) {
    return ask(
        {Question::Kind::call_out, std::string(image), std::string(routine), std::string(text)}
    );
}

rewrite::Answer RewritingAnswers::ldap(std::string_view url) {
    return ask({Question::Kind::directory, std::string(url), {}, {}});
}

// Unique within one address; the caller's outside answers make it unique in the world where they
// can.
std::string RewritingAnswers::unique_string() {
    const rewrite::Answer seed = ask({Question::Kind::sequence_number, "unique-string", {}, {}});
    return seed.text + "X" + std::to_string(++strings_made_);
}

rewrite::Outcome rewrite_address(
    const config::Configuration& configuration,
    const channel::Channel& source,
    AddressKind kind,
    std::string_view address,
    mapping::Answers& outside,
    rewrite::Trace* trace,
    bool reprocessing
) {
    rewrite::Context context;
    context.envelope = kind == AddressKind::envelope_to || kind == AddressKind::envelope_from;
    context.forward = kind == AddressKind::envelope_to || kind == AddressKind::header_forward;
    context.source.name = source.name();
    context.source.bang_over_percent = source.has(Keyword::bangoverpercent);
    context.source.no_rules = source.has(Keyword::norules);
    context.source.is_reprocessing =
        reprocessing || rewrite::is_reprocessing_name(source.name());
    RewritingAnswers answers(configuration, outside);
    return rewrite::rewrite(
        configuration.imta.rules, configuration.imta.hosts, configuration.rewrite_options, context,
        address, answers, trace
    );
}

SplitAddress split_address(std::string_view address) {
    bool quoted = false;
    std::size_t at = std::string_view::npos;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (address[i] == '\\' && quoted) {
            ++i;
        } else if (address[i] == '"') {
            quoted = !quoted;
        } else if (address[i] == '@' && !quoted) {
            at = i;
        }
    }
    if (at == std::string_view::npos) return {address, {}};
    return {address.substr(0, at), address.substr(at + 1)};
}

std::string complete_address(
    const config::Configuration& configuration,
    const channel::Channel& source,
    AddressKind kind,
    std::string_view address,
    std::string_view client_name
) {
    if (address.empty() || !split_address(address).domain.empty()) return std::string(address);
    const auto with = [&](std::string_view host) {
        return std::string(address) + '@' + std::string(host);
    };
    const std::string_view local_host = configuration.imta.channels.local_host();
    const bool to = kind == AddressKind::envelope_to;
    const auto defaults = source.arguments(Keyword::defaulthost);
    if (!defaults.empty()) {
        if (!to) return with(defaults[0]);
        if (defaults.size() > 1) return with(defaults[1]);
        return with(source.has(Keyword::submit) ? std::string_view(defaults[0]) : local_host);
    }
    // Mail for the postmaster must always get in, whatever the channel says about bare addresses.
    if (source.is_given(Keyword::nodefaulthost) &&
        !(to && equals_ignoring_case(address, "postmaster"))) {
        return std::string(address);
    }
    if (!to && source.has(Keyword::remotehost) && !client_name.empty()) return with(client_name);
    return with(local_host);
}

}  // namespace sluice::policy
