#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "auth/guess_table.h"
#include "auth/mechanism.h"
#include "auth/sources.h"
#include "base/bytes.h"
#include "config/configuration.h"
#include "tls/facts.h"

// Logging in, as security.cnf has it: for each rule set the sources that are asked and the
// mechanisms that are offered.
namespace sluice::auth {

/// A rule set with its sources opened.
struct RuleSet {
    std::shared_ptr<const Sources> sources;
    Mechanisms with_tls;     ///< what the sources can do of what the rule set allows
    Mechanisms without_tls;  ///< the same; nothing that is bound to TLS
};

class Authenticator {
public:
    explicit Authenticator(const config::Configuration& configuration);

    /// Unknown names mean DEFAULT.
    [[nodiscard]] const RuleSet& rules_of(std::string_view name) const;
    [[nodiscard]] const GuessTable::Policy& guesses() const { return guesses_; }

private:
    std::map<std::string, RuleSet, LessIgnoringCase> rules_;
    GuessTable::Policy guesses_;
};

/// Whom a verified certificate names: its first mail address, else its common name.
std::string user_of_certificate(const tls::Facts& facts);

}  // namespace sluice::auth
