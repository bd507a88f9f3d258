#include "config/security_cnf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SecurityConfiguration parse(const std::string& text, std::string* findings = nullptr) {
    Diagnostics diagnostics;
    auto result = parse_security_cnf(text, "security.cnf", diagnostics);
    for (const Diagnostic& finding : diagnostics.items()) {
        if (findings != nullptr) *findings += finding.to_string() + '\n';
        EXPECT_NE(findings, nullptr) << finding.to_string();
    }
    return result;
}

TEST(SecurityCnf, WithoutAWordUsersAreThoseOfTheFile) {
    const auto security = parse("");
    ASSERT_NE(security.find_source("passwords"), nullptr);
    EXPECT_EQ(security.find_source("passwords")->file, "IMTA_TABLE:passwords");
    const SecurityRuleSet& rules = security.rules_of("DEFAULT");
    EXPECT_THAT(rules.sources, ElementsAre("PASSWORDS"));
    EXPECT_THAT(rules.without_tls, ElementsAre("SCRAM-SHA-256"));
    EXPECT_EQ(&security.rules_of("unknown"), &rules);
}

TEST(SecurityCnf, SourcesAndRuleSets) {
    const auto security = parse(
        "FREE_FAILURES=5\nLONGEST_DELAY=10\n"
        "[AUTH_SOURCE=Passwords]\nFILE=/etc/mail/users\n"
        "[AUTH_SOURCE=SYSTEM]\nTYPE=pam\nSERVICE=mail\n"
        "[AUTH_SOURCE=STORE]\nTYPE=DOVECOT\nSOCKET=/run/x\n"
        "[RULESET=DEFAULT]\nENABLE=STORE, SYSTEM\n"
        "[RULESET=internal]\nMECHANISMS=plain login\nMECHANISMS_WITHOUT_TLS=\n"
    );
    EXPECT_EQ(security.free_failures, 5);
    EXPECT_EQ(security.longest_delay, std::chrono::seconds(10));
    EXPECT_EQ(security.find_source("PASSWORDS")->file, "/etc/mail/users");
    EXPECT_EQ(security.find_source("system")->type, AuthSource::Type::pam);
    EXPECT_EQ(security.find_source("system")->service, "mail");
    EXPECT_EQ(security.find_source("store")->socket, "/run/x");
    EXPECT_THAT(security.rules_of("default").sources, ElementsAre("STORE", "SYSTEM"));
    const SecurityRuleSet& internal = security.rules_of("INTERNAL");
    EXPECT_THAT(internal.sources, ElementsAre("PASSWORDS"));
    EXPECT_THAT(internal.mechanisms, ElementsAre("PLAIN", "LOGIN"));
    EXPECT_TRUE(internal.without_tls.empty());
}

TEST(SecurityCnf, SaysWhatIsWrong) {
    std::string findings;
    const auto security = parse(
        "FREE_FAILURE=5\n[AUTH_SOURCE=X]\nTYPE=LDAP\n[RULESET=DEFAULT]\nENABLE=NOWHERE\n"
        "MECHANISMS_WITHOUT_TLS=PLAIN\nMECHANISM=x\n[SERVICE=x]\n",
        &findings
    );
    for (const char* text :
         {"1:1: warning", "unknown type of source LDAP", "[E470]",
          "rule set DEFAULT enables NOWHERE", "[E471]", "without TLS (PLAIN)", "[W470]",
          "unknown kind of section SERVICE", "MECHANISMS"})
        EXPECT_THAT(findings, HasSubstr(text));
}

TEST(SecurityCnf, AMissingFileIsNone) {
    MemoryFiles files({});
    Diagnostics diagnostics;
    EXPECT_TRUE(load_security_cnf(files, "/x/security.cnf", diagnostics));
    EXPECT_TRUE(diagnostics.items().empty());
}

}  // namespace
}  // namespace sluice::config
