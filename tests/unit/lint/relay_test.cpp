#include <set>

#include "lint/relay_attempts.h"
#include "lint_site.h"

namespace sluice::lint {

namespace {

std::string relay_findings(const Changes& changes) {
    std::string text;
    const Findings findings = findings_of(changes);
    for (const Finding& one : findings.items()) {
        if (one.diagnostic.code == "L014") text += one.to_string() + '\n';
    }
    return text;
}

std::string with_send_access(const std::string& entries) {
    std::string text = shipped("mappings");
    const std::string name = "\nORIG_SEND_ACCESS\n";
    text.erase(text.find(name));
    return text + name + '\n' + entries;
}

TEST(OpenRelay, IsShownAsADialogue) {
    const std::string found = relay_findings({{"mappings", with_send_access("  *  $Y\n")}});
    EXPECT_NE(found.find("C: RCPT TO:<stranger@elsewhere.invalid>"), std::string::npos) << found;
    EXPECT_NE(found.find("source channel tcp_local"), std::string::npos) << found;
    EXPECT_NE(found.find("ORIG_SEND_ACCESS"), std::string::npos) << found;
}

TEST(OpenRelay, ByPercentSignAloneIsFound) {
    // Only recipients that name their own domain are refused; what the local host strips is not.
    const std::string found = relay_findings(
        {{"mappings", with_send_access("  tcp_local|*|tcp_*|*@elsewhere*  $NNo\n")},
         {"imta.cnf", shipped("imta.cnf")}}
    );
    EXPECT_NE(found.find("error"), std::string::npos) << found;
}

TEST(OpenRelay, ThroughAChannelLabelIsFound) {
    const std::string found = relay_findings(
        {{"mappings", with_send_access("  tcp_local|*|tcp_*|*  $NRelaying$ not$ permitted\n")}}
    );
    EXPECT_NE(found.find("channel process"), std::string::npos) << found;
}

TEST(OpenRelay, ByAnAddressThatPassesForSeveralFieldsIsFound) {
    const std::string found = relay_findings(
        {{"mappings",
          with_send_access("  *|*|l|postmaster*  $Y\n"
                           "  tcp_local|*|tcp_*|*  $NNo\n  tcp_local|*|process|*  $NNo\n"
                           "  tcp_local|*|reprocess|*  $NNo\n")}}
    );
    EXPECT_NE(found.find("|l|postmaster"), std::string::npos) << found;
}

TEST(OpenRelay, ToEveryNetworkThatIsCalledOwnIsFound) {
    std::string mappings = shipped("mappings");
    const std::string last = "  *                       $N\n";
    mappings.replace(mappings.find(last), last.size(), "  *                       $Y\n");
    const std::string found = relay_findings({{"mappings", mappings}});
    EXPECT_NE(found.find("tcp_intranet"), std::string::npos) << found;
}

TEST(OpenRelay, IsNotASiteWithDocumentationAddressesOfItsOwn) {
    const std::string found = relay_findings(
        {{"mappings", shipped_with(
                          "mappings", "  *                       $N\n",
                          "  $(203.0.113.0/24)  $Y\n  $(198.51.100.0/24)  $Y\n"
                      )}}
    );
    EXPECT_EQ(found, "");
}

TEST(OpenRelay, IsNotAClosedPort) {
    std::string mappings = with_send_access("  *  $Y\n");
    const std::string old = "  *                       $YEXTERNAL\n";
    mappings.replace(
        mappings.find(old), old.size(),
        "  TCP|*|*|$(192.0.2.0/24)|*  $Y\n  *  $N554$ 5.7.1$ No$ service\n"
    );
    EXPECT_EQ(relay_findings({{"mappings", mappings}}), "");
}

TEST(RelayAttempts, HaveManyForms) {
    const auto site = test::make_site();
    std::set<std::string> forms;
    for (const RelayAttempt& attempt : relay_attempts(*site)) forms.insert(attempt.form);
    EXPECT_GE(forms.size(), 15U);
}

}  // namespace

}  // namespace sluice::lint
