#include "auth/authenticator.h"

#include "auth/dovecot_source.h"
#include "auth/pam_source.h"
#include "auth/password_source.h"
#include "base/log.h"

namespace sluice::auth {

namespace {

using config::TailorEntry;

/// Opens each source once, however many rule sets name it.
class Opener {
public:
    explicit Opener(const config::Configuration& configuration)
        : configuration_(configuration), domain_(configuration.local_host()) {}

    std::shared_ptr<IdentitySource> open(const config::AuthSource& source) {
        auto& opened = opened_[source.name];
        if (!opened) opened = make(source);
        return opened;
    }

private:
    [[nodiscard]] std::string resolved(const std::string& path) const {
        auto place = configuration_.tailor.resolve_path(path, TailorEntry::table);
        if (place) return std::move(*place);
        diag::warning("security.cnf: " + place.error().detail());
        return path;
    }

    [[nodiscard]] std::shared_ptr<IdentitySource> make(const config::AuthSource& source) const {
        switch (source.type) {
            case config::AuthSource::Type::file:
                return std::make_shared<PasswordSource>(resolved(source.file), domain_);
            case config::AuthSource::Type::dovecot:
                return std::make_shared<DovecotSource>(source.socket, domain_);
            case config::AuthSource::Type::pam:
                break;
        }
        PamSource::Settings settings;
        settings.program = configuration_.tailor.path(TailorEntry::bin) + "pam_host";
        settings.service = source.service;
        settings.directory = source.directory;
        settings.domain = domain_;
        return std::make_shared<PamSource>(settings);
    }

    const config::Configuration& configuration_;
    std::string domain_;
    std::map<std::string, std::shared_ptr<IdentitySource>, LessIgnoringCase> opened_;
};

RuleSet open_rules(
    const config::SecurityRuleSet& wanted,
    const config::SecurityConfiguration& security,
    Opener& opener
) {
    Sources::List list;
    for (const std::string& name : wanted.sources) {
        if (const auto* source = security.find_source(name)) list.push_back(opener.open(*source));
    }
    RuleSet rules;
    rules.sources = std::make_shared<const Sources>(std::move(list));
    for (const std::string& mechanism : wanted.mechanisms) {
        if (!rules.sources->serve(mechanism)) continue;
        rules.with_tls.push_back(mechanism);
        const bool needs_tls = is_bound(mechanism) || mechanism == "EXTERNAL";
        if (!needs_tls && contains(wanted.without_tls, mechanism))
            rules.without_tls.push_back(mechanism);
    }
    return rules;
}

}  // namespace

Authenticator::Authenticator(const config::Configuration& configuration) {
    const config::SecurityConfiguration& security = configuration.security;
    Opener opener(configuration);
    for (const config::SecurityRuleSet& rules : security.rules)
        rules_.emplace(rules.name, open_rules(rules, security, opener));
    guesses_.free_failures = static_cast<std::uint32_t>(security.free_failures);
    guesses_.first_delay = security.first_delay;
    guesses_.longest_delay = security.longest_delay;
    guesses_.refused_after = static_cast<std::uint32_t>(security.refuse_after);
    guesses_.forgotten_after = security.forget_after;
}

const RuleSet& Authenticator::rules_of(std::string_view name) const {
    const auto found = rules_.find(name);
    return found != rules_.end() ? found->second : rules_.find("DEFAULT")->second;
}

std::string user_of_certificate(const tls::Facts& facts) {
    if (!facts.peer || !facts.peer->verified) return {};
    return facts.peer->mails.empty() ? facts.peer->common_name : facts.peer->mails.front();
}

}  // namespace sluice::auth
