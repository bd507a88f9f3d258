#include "policy/rewriting.h"

#include "channel/keyword.h"
#include "policy/databases.h"

namespace sluice::policy {

using channel::Keyword;
using mapping::Question;

rewrite::Answer RewritingAnswers::ask(Question question) {
    return as_rewrite_answer(outside_.ask(question));
}

rewrite::Answer RewritingAnswers::general_database(std::string_view key) {
    return ask({Question::Kind::general_value, std::string(key), {}, {}});
}

rewrite::Answer RewritingAnswers::domain_database(std::string_view pattern) {
    return ask({Question::Kind::domain_template, std::string(pattern), {}, {}});
}

rewrite::Answer RewritingAnswers::mapping(std::string_view table, std::string_view text) {
    const mapping::Outcome outcome = probe_table(configuration_, table, text, {}, outside_, notes_);
    if (has_no_answer(outcome)) return rewrite::Answer::not_now();
    if (!outcome.matched || !outcome.flags.has('Y')) return rewrite::Answer::not_found();
    return rewrite::Answer::found(outcome.output);
}

rewrite::Locality RewritingAnswers::locality(std::string_view domain) {
    const rewrite::Answer answer =
        ask({Question::Kind::is_local_domain, std::string(domain), {}, {}});
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

// Outside answers that know no unique strings, as in examples, get them unique within one address.
std::string RewritingAnswers::unique_string() {
    ++strings_made_;
    const rewrite::Answer made = ask({Question::Kind::unique_string, {}, {}, {}});
    return made.text.empty() ? "X" + std::to_string(strings_made_) : made.text;
}

rewrite::Outcome rewrite_address(
    const config::Configuration& configuration,
    const channel::Channel& source,
    AddressKind kind,
    std::string_view address,
    mapping::Answers& outside,
    rewrite::Trace* trace,
    const channel::Channel* destination,
    const TableNotes& notes,
    bool reprocessing
) {
    rewrite::Context context;
    context.envelope = kind == AddressKind::envelope_to || kind == AddressKind::envelope_from;
    context.forward = kind == AddressKind::envelope_to || kind == AddressKind::header_forward;
    context.source.name = source.name();
    context.source.bang_over_percent = source.has(Keyword::bangoverpercent);
    context.source.no_rules = source.has(Keyword::norules);
    context.source.is_reprocessing = reprocessing || rewrite::is_reprocessing_name(source.name());
    if (destination != nullptr)
        context.destination = {destination->name(), destination->has(Keyword::norules)};
    RewritingAnswers answers(configuration, outside, notes);
    return rewrite::rewrite(
        configuration.imta.rules, configuration.imta.hosts, configuration.rewrite_options, context,
        address, answers, trace
    );
}

rewrite::Outcome rewrite_traced(
    const config::Configuration& configuration,
    const channel::Channel& source,
    AddressKind kind,
    std::string_view address,
    mapping::Answers& outside,
    const RewritingNote& note,
    const channel::Channel* destination,
    bool reprocessing
) {
    if (note.trace == nullptr) {
        return rewrite_address(
            configuration, source, kind, address, outside, nullptr, destination,
            {nullptr, note.warnings}, reprocessing
        );
    }
    rewrite::Trace steps;
    mapping::Trace tables;
    rewrite::Outcome outcome = rewrite_address(
        configuration, source, kind, address, outside, &steps, destination,
        {&tables, note.warnings}, reprocessing
    );
    note.trace->push_back(
        {note.stage, std::string(note.title) + std::string(address), std::move(steps),
         tables.steps()}
    );
    return outcome;
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
    const Origin& origin,
    std::string* why
) {
    const auto unchanged = [&](std::string_view reason) {
        if (why != nullptr) *why = reason;
        return std::string(address);
    };
    if (address.empty()) return unchanged("the null address has no host");
    if (!split_address(address).domain.empty()) return unchanged("it has a host");
    const auto with = [&](std::string_view host, std::string_view reason) {
        if (why != nullptr) *why = reason;
        return std::string(address) + '@' + std::string(host);
    };
    constexpr std::string_view by_default_host = "defaulthost of the source channel";
    constexpr std::string_view by_local_host = "without a host it is of the local host";
    const std::string_view local_host = configuration.imta.channels.local_host();
    const bool to = kind == AddressKind::envelope_to;
    const std::string_view user_domain = split_address(origin.authenticated).domain;
    if (source.has(Keyword::authhost) && !user_domain.empty())
        return with(user_domain, "authhost of the source channel");
    const auto defaults = source.arguments(Keyword::defaulthost);
    if (!defaults.empty()) {
        if (!to) return with(defaults[0], by_default_host);
        if (defaults.size() > 1) return with(defaults[1], by_default_host);
        if (source.has(Keyword::submit)) return with(defaults[0], by_default_host);
        return with(local_host, by_local_host);
    }
    // Mail for the postmaster must always get in, whatever the channel says about bare addresses.
    if (source.is_given(Keyword::nodefaulthost) &&
        !(to && equals_ignoring_case(address, "postmaster"))) {
        return unchanged("nodefaulthost of the source channel leaves it bare");
    }
    if (!to && source.has(Keyword::remotehost) && !origin.client_name.empty()) {
        return with(origin.client_name, "remotehost of the source channel");
    }
    return with(local_host, by_local_host);
}

}  // namespace sluice::policy
