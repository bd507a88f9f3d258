#include "lint/relay_attempts.h"

#include <algorithm>

#include "lint/rule_text.h"

namespace sluice::lint {

namespace {

/// Reserved names (RFC 2606 section 2) and documentation addresses (RFC 5737, RFC 3849): nobody is
/// there. Two domains, since a site may refuse one of them for being reserved.
constexpr std::string_view domains[] = {"elsewhere.invalid", "elsewhere.example.org"};
constexpr std::string_view literals[] = {"[203.0.113.9]", "[IPv6:2001:db8:9::9]"};
/// Names of this system that are tried; a site with thousands of domains treats them alike.
constexpr std::size_t most_names = 40;

void add_name(std::vector<std::string>& names, std::string_view name) {
    const std::string text(name);
    if (text.empty() || names.size() >= most_names) return;
    if (std::find(names.begin(), names.end(), text) == names.end()) names.push_back(text);
}

/// By which a stranger may address this system.
std::vector<std::string> own_names(const config::Configuration& configuration) {
    std::vector<std::string> names;
    add_name(names, configuration.local_host());
    for (const channel::Channel& channel : configuration.imta.channels)
        add_name(names, channel.official_host());
    for (const auto& rule : configuration.imta.rules.rules()) {
        const LastPiece piece = last_piece(configuration, *rule);
        const bool plain = tagged(rule->pattern).pattern.find_first_of("*$[.") != 0;
        if (plain && piece.kind == LastPiece::Kind::constant)
            add_name(names, tagged(rule->pattern).pattern);
    }
    return names;
}

class Attempts {
public:
    void plain(const std::string& victim) {
        const std::string at = '@' + victim;
        add("plain address", "stranger" + at, victim);
        add("the postmaster elsewhere", "postmaster" + at, victim);
        add("address with a bar", "\"a|l|postmaster\"" + at, victim);
    }
    void bare(const std::string& domain) {
        add("percent sign", "stranger%" + domain, domain);
        add("exclamation mark", domain + "!stranger", domain);
        add("quoted address", "\"stranger@" + domain + '"', domain);
        add("quoted percent sign", "\"stranger%" + domain + '"', domain);
    }
    void through(const std::string& name, const std::string& victim) {
        const std::string at = '@' + name;
        add("percent sign", "stranger%" + victim + at, victim);
        add("percent sign, postmaster", "postmaster%" + victim + at, victim);
        add("source route", at + ":stranger@" + victim, victim);
        add("longer source route", at + ",@" + victim + ":stranger@" + victim, victim);
        add("exclamation mark", victim + "!stranger" + at, victim);
        add("two exclamation marks", name + '!' + victim + "!stranger", victim);
        add("quoted address", "\"stranger@" + victim + '"' + at, victim);
        add("quoted percent sign", "\"stranger%" + victim + '"' + at, victim);
        add("quoted exclamation mark", '"' + victim + "!stranger\"" + at, victim);
        add("two percent signs", "stranger%" + victim + '%' + name + at, victim);
        add("two at signs", "stranger@" + victim + at, victim);
        add("route and percent sign", at + ":stranger%" + victim + at, victim);
    }
    std::vector<RelayAttempt> take() { return std::move(attempts_); }

private:
    void add(std::string_view form, std::string recipient, const std::string& victim) {
        attempts_.push_back({std::move(recipient), std::string(form), victim});
    }
    std::vector<RelayAttempt> attempts_;
};

}  // namespace

std::vector<RelayAttempt> relay_attempts(const config::Configuration& configuration) {
    Attempts attempts;
    for (const std::string_view victim : domains) attempts.plain(std::string(victim));
    for (const std::string_view victim : literals) attempts.plain(std::string(victim));
    for (const std::string_view victim : domains) attempts.bare(std::string(victim));
    for (const std::string& name : own_names(configuration)) {
        for (const std::string_view victim : domains) attempts.through(name, std::string(victim));
        attempts.through(name, std::string(literals[0]));
    }
    return attempts.take();
}

std::vector<std::string> claimed_senders(const config::Configuration& configuration) {
    const std::string local(configuration.local_host());
    return {"spammer@sender.example.net", "postmaster@" + local, "", "\"x|l|postmaster\"@" + local};
}

}  // namespace sluice::lint
