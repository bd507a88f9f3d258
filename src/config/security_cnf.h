#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/file_source.h"

// security.cnf: where it is known who may log in, and how (docs/man/security.cnf.5).
namespace sluice::config {

struct AuthSource {
    enum class Type : std::uint8_t { file, pam, dovecot };

    std::string name;  ///< as written; compared without regard to case
    Type type = Type::file;
    std::string file = "IMTA_TABLE:passwords";  ///< FILE; resolve with Tailor::resolve_path
    std::string service = "sluice";             ///< PAM: SERVICE
    std::string directory;  ///< PAM: DIRECTORY of its files; empty: the system's
    std::string socket = "/run/dovecot/auth-client";  ///< DOVECOT
    SourceLocation where;
};

struct SecurityRuleSet {
    std::string name;
    std::vector<std::string> sources;  ///< ENABLE, in the order they are asked
    std::vector<std::string> mechanisms{
        "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "EXTERNAL", "PLAIN", "LOGIN"};
    std::vector<std::string> without_tls{"SCRAM-SHA-256"};  ///< MECHANISMS_WITHOUT_TLS
    SourceLocation where;
};

struct SecurityConfiguration {
    std::vector<AuthSource> sources;      ///< PASSWORDS, of type FILE, is always there
    std::vector<SecurityRuleSet> rules;   ///< DEFAULT is always there
    std::int64_t free_failures = 2;       ///< FREE_FAILURES
    std::chrono::seconds first_delay{1};  ///< FIRST_DELAY
    std::chrono::seconds longest_delay{30};
    std::int64_t refuse_after = 100;
    std::chrono::seconds forget_after{60};

    SecurityConfiguration();
    /// nullptr: none of that name.
    [[nodiscard]] const AuthSource* find_source(std::string_view name) const;
    /// The rule set of that name, or DEFAULT.
    [[nodiscard]] const SecurityRuleSet& rules_of(std::string_view name) const;
};

/// Further codes than those of option_file.h and option_value.h: E470 unknown kind of section or
/// source, E471 ENABLE names no source, W470 mechanisms that send passwords are offered without
/// TLS.
SecurityConfiguration parse_security_cnf(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
);
/// A missing file gives the defaults; an unreadable one is an Error.
Result<SecurityConfiguration> load_security_cnf(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
);

}  // namespace sluice::config
