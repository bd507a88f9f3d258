// AUTH in a session: what it changes, what it costs, what is written about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "auth/base64.h"
#include "auth/password_file.h"
#include "channels/tcp_smtp/server/dialogue.h"
#include "dialogue_fixture.h"

namespace sluice::smtp_server {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* refused = "535 5.7.8 Bad username or password (Authentication failed).";

std::string plain(const std::string& user, const std::string& password) {
    const std::string zero(1, '\0');
    return auth::to_base64(zero + user + zero + password);
}

class AuthTest : public DialogueTest {
protected:
    AuthTest() {
        changes_["option.dat"] = "LOG_CONNECTION=128\nLOG_USERNAME=1\nLOG_MESSAGE_ID=1\n";
        changes_["security.cnf"] =
            "[AUTH_SOURCE=PASSWORDS]\nFILE=" + (root_ / "passwords").string() +
            "\n[RULESET=DEFAULT]\nMECHANISMS_WITHOUT_TLS=SCRAM-SHA-256,PLAIN,LOGIN\n";
        auth::PasswordEntry amy{"amy", {}, "amy.x@example.com", false};
        amy.secrets.push_back(
            *auth::make_scram_secret(auth::ScramHash::sha256, "pencil", "0123456789abcdef", 4096)
        );
        std::ofstream(root_ / "passwords") << auth::with_entry("", amy);
        ::chmod((root_ / "passwords").c_str(), 0600);
    }

    void open(
        const std::string& keywords = "maysaslserver saslswitchchannel tcp_intranet",
        const std::string& client = "198.51.100.7"
    ) {
        if (!changes_.contains("imta.cnf")) add_keywords("tcp_local", keywords);
        connect(client);
        ehlo_ = say("EHLO client.test");
    }
    std::string auth_plain(const std::string& user, const std::string& password) {
        return say("AUTH PLAIN " + plain(user, password));
    }

    std::string ehlo_;
};

TEST_F(AuthTest, WhoIsLoggedInComesByAnotherChannelAndMaySend) {
    open();
    EXPECT_THAT(ehlo_, HasSubstr("250-AUTH SCRAM-SHA-256 PLAIN LOGIN\n"));
    EXPECT_EQ(auth_plain("AMY", "pencil"), "235 2.7.0 PLAIN authentication successful.");
    EXPECT_EQ(say("MAIL FROM:<amy@example.com>"), "250 2.5.0 Address OK.");
    EXPECT_EQ(say("RCPT TO:<alan@very.bogus.com>"), "250 2.1.5 alan@very.bogus.com OK.");
    say("DATA");
    EXPECT_THAT(turn("Subject: x\r\n\r\nbody\r\n.\r\n"), StartsWith("250 "));
    const std::string text = read(queue_files().at(0));
    EXPECT_THAT(text, HasSubstr("\nu;*amy\n"));
    EXPECT_THAT(text, HasSubstr("\nc;tcp_intranet\n"));
    EXPECT_THAT(text, HasSubstr("\na;AUTH=amy.x@example.com\n"));
    EXPECT_THAT(text, HasSubstr("with ESMTPA id <"));
    const auto lines = log();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(
        lines[0],
        "tcp_local + U TCP|192.0.2.9|25|198.51.100.7|1244 SMTP amy 235 2.7.0 PLAIN "
        "authentication successful."
    );
    EXPECT_THAT(lines[1], StartsWith("tcp_intranet tcp_local EA 1 amy@example.com "));
    EXPECT_THAT(lines[1], HasSubstr(" *amy"));
}

TEST_F(AuthTest, WithoutTheKeywordThereIsNoAuth) {
    open("nosaslserver");
    EXPECT_THAT(ehlo_, Not(HasSubstr("AUTH")));
    EXPECT_EQ(auth_plain("amy", "pencil"), "502 5.5.1 AUTH command is not implemented");
}

TEST_F(AuthTest, PasswordsInTheClearAreNotAskedForUnlessTheSiteSaysSo) {
    changes_["security.cnf"] = "";
    open();
    EXPECT_THAT(ehlo_, HasSubstr("250-AUTH SCRAM-SHA-256\n"));
    EXPECT_EQ(
        auth_plain("amy", "pencil"),
        "538 5.7.11 Encryption required for requested authentication mechanism"
    );
}

TEST_F(AuthTest, InsideTlsThereIsMore) {
    tls_.emplace().version = "TLSv1.3";
    tls_->exporter = std::string(32, 'x');
    open("maysaslserver");
    EXPECT_THAT(ehlo_, HasSubstr("250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\n"));
    auth_plain("amy", "pencil");
    say("MAIL FROM:<a@b.example>");
    say("RCPT TO:<adam@example.com>");
    say("DATA");
    turn("\r\n.\r\n");
    EXPECT_THAT(read(queue_files().at(0)), HasSubstr("with ESMTPSA id <"));
}

TEST_F(AuthTest, ACertificateLogsInWhomItNames) {
    tls_.emplace().version = "TLSv1.3";
    tls_->peer.emplace().common_name = "amy";
    open("maysaslserver");
    EXPECT_THAT(ehlo_, HasSubstr("250-AUTH SCRAM-SHA-256 PLAIN LOGIN\n"));
    tls_->peer->verified = true;
    dialogue_.reset();
    context_.reset();
    runtime_.reset();
    open();
    EXPECT_THAT(ehlo_, HasSubstr("250-AUTH SCRAM-SHA-256 EXTERNAL PLAIN LOGIN\n"));
    EXPECT_EQ(say("AUTH EXTERNAL ="), "235 2.7.0 EXTERNAL authentication successful.");
}

TEST_F(AuthTest, FailuresLookTheSameWhoeverWasMeant) {
    open();
    EXPECT_EQ(auth_plain("amy", "guess"), refused);
    EXPECT_EQ(auth_plain("nobody", "guess"), refused);
    EXPECT_EQ(say("MAIL FROM:<a@b.example>"), "250 2.5.0 Address OK.");
    const auto lines = log();
    ASSERT_EQ(lines.size(), 2U);
    const std::string start = "tcp_local + U TCP|192.0.2.9|25|198.51.100.7|1244 SMTP ";
    EXPECT_EQ(lines[0], start + "Bad password amy " + refused);
    EXPECT_EQ(lines[1], start + "Bad password nobody " + refused);
}

TEST_F(AuthTest, TheThirdFailureEndsTheSession) {
    open();
    auth_plain("amy", "a");
    auth_plain("amy", "b");
    EXPECT_EQ(
        auth_plain("amy", "c"), std::string(refused) + "\n421 4.7.0 Too many failed authentications"
    );
    EXPECT_EQ(last_step_, Step::close);
}

TEST_F(AuthTest, GuessesGetSlowerAndOthersDoNotPayForThem) {
    open("maysaslserver disconnectbadauthlimit 50");
    std::vector<std::int64_t> waits;
    for (int i = 0; i < 6; ++i) {
        paused_ = {};
        // A name for each, so that only the address counts.
        auth_plain("user" + std::to_string(i), "guess");
        waits.push_back(paused_.count());
    }
    EXPECT_EQ(waits, (std::vector<std::int64_t>{0, 0, 1000, 2000, 4000, 8000}));
    // The right password does not come sooner either: nobody can tell by the time.
    paused_ = {};
    EXPECT_THAT(auth_plain("amy", "pencil"), StartsWith("235"));
    EXPECT_EQ(paused_.count(), 16000);

    dialogue_.reset();
    context_.reset();
    runtime_.reset();
    paused_ = {};
    open("", "203.0.113.9");
    EXPECT_THAT(auth_plain("amy", "pencil"), StartsWith("235"));
    EXPECT_EQ(paused_.count(), 0);
}

TEST_F(AuthTest, BeyondTheLimitNothingIsCheckedAnyMore) {
    changes_["security.cnf"] = "REFUSE_AFTER=2\n" + changes_["security.cnf"];
    open();
    auth_plain("amy", "a");
    auth_plain("amy", "b");
    const int before = tasks_;
    EXPECT_EQ(
        auth_plain("amy", "pencil"), "454 4.7.0 Too many failed authentications, try again later"
    );
    EXPECT_EQ(tasks_, before);
    EXPECT_THAT(log().back(), HasSubstr("Too many failures"));
}

TEST_F(AuthTest, WhereTooManyAreUnderWayOthersAreToComeBack) {
    open();
    context_->login_desk.under_way = LoginDesk::most_under_way;
    EXPECT_EQ(auth_plain("amy", "pencil"), "454 4.7.0 Temporary authentication failure");
    context_->login_desk.under_way = 0;
    EXPECT_THAT(auth_plain("amy", "pencil"), StartsWith("235"));
    EXPECT_EQ(context_->login_desk.under_way, 0);
}

TEST_F(AuthTest, AuthAccessHasTheLastWord) {
    changes_["mappings"] =
        "AUTH_ACCESS\n\n  TCP|*|*|198.51.100.*|*|SMTP/client.test|PLAIN|amy|tcp_local  "
        "$NNot$ from$ there\n\n";
    open();
    EXPECT_EQ(auth_plain("amy", "pencil"), "535 5.7.8 Not from there");
    EXPECT_EQ(say("AUTH PLAIN"), "334 ");
    say("MAIL FROM:<a@b.example>");
    EXPECT_THAT(log().front(), HasSubstr("AUTH_ACCESS amy 535 5.7.8 Not from there"));
}

TEST_F(AuthTest, AccessTablesLearnWhoIsLoggedIn) {
    changes_["mappings"] =
        "FROM_ACCESS\n\n  *|amy@example.com|amy.x@example.com  $:A$Y\n"
        "  *  $NNobody$ I$ know\n\n";
    open("maysaslserver");
    EXPECT_EQ(say("MAIL FROM:<amy@example.com>"), "550 5.7.1 Nobody I know: amy@example.com");
    auth_plain("amy", "pencil");
    EXPECT_EQ(say("MAIL FROM:<amy@example.com>"), "250 2.5.0 Address OK.");
}

TEST_F(AuthTest, SomeChannelsTakeMailFromNobodyElse) {
    open("mustsaslserver");
    EXPECT_EQ(say("MAIL FROM:<a@b.example>"), "530 5.7.0 No AUTH command has been given.");
    auth_plain("amy", "pencil");
    EXPECT_EQ(say("MAIL FROM:<a@b.example>"), "250 2.5.0 Address OK.");
}

TEST_F(AuthTest, LoginAsksTwice) {
    open();
    EXPECT_THAT(say("AUTH LOGIN"), StartsWith("334 "));
    EXPECT_THAT(say(auth::to_base64("amy")), StartsWith("334 "));
    EXPECT_EQ(say(auth::to_base64("pencil")), "235 2.7.0 LOGIN authentication successful.");
}

TEST_F(AuthTest, WhatIsNotAnExchangeIsRefused) {
    open();
    EXPECT_EQ(say("AUTH PLAIN !!!"), "501 5.5.2 Authentication exchange not understood");
    say("AUTH PLAIN");
    EXPECT_EQ(say("not base64"), "501 5.5.2 Authentication exchange not understood");
    say("AUTH PLAIN");
    EXPECT_EQ(say("*"), "501 5.7.0 Authentication cancelled");
    EXPECT_EQ(say("AUTH PLAIN ="), "501 5.5.2 Authentication exchange not understood");
    EXPECT_EQ(say("NOOP"), "250 2.5.0 Ok.");
}

TEST_F(AuthTest, WhenNobodyKnowsTheClientIsToComeBack) {
    fs::remove(root_ / "passwords");
    open();
    EXPECT_EQ(auth_plain("amy", "pencil"), "454 4.7.0 Temporary authentication failure");
    paused_ = {};
    for (int i = 0; i < 5; ++i) auth_plain("amy", "pencil");
    EXPECT_EQ(paused_.count(), 0);  // not the client's fault
}

TEST_F(AuthTest, WhatAStrangerSaysAboutTheSubmitterCountsForNothing) {
    open("maysaslserver");
    say("MAIL FROM:<a@b.example> AUTH=boss@example.com");
    say("RCPT TO:<adam@example.com>");
    say("DATA");
    turn("\r\n.\r\n");
    EXPECT_THAT(read(queue_files().at(0)), HasSubstr("\na;AUTH=<>\n"));
}

TEST_F(AuthTest, WhoIsLoggedInMayNameTheSubmitter) {
    open("maysaslserver");
    auth_plain("amy", "pencil");
    say("MAIL FROM:<a@b.example> AUTH=x,y+3D@example.com");
    say("RCPT TO:<adam@example.com>");
    say("DATA");
    turn("\r\n.\r\n");
    EXPECT_THAT(read(queue_files().at(0)), HasSubstr("\na;AUTH=x+2Cy+3D@example.com\n"));
}

TEST_F(AuthTest, RuleSetsOfPortAccess) {
    changes_["mappings"] = "PORT_ACCESS\n\n  TCP|*|*|198.51.100.7|*  $YEXTERNAL\n\n";
    changes_["security.cnf"] += "[RULESET=EXTERNAL]\nMECHANISMS_WITHOUT_TLS=SCRAM-SHA-256\n";
    open();
    EXPECT_THAT(ehlo_, HasSubstr("250-AUTH SCRAM-SHA-256\n"));
}

// Some send what they have to say whatever they are answered.
TEST_F(AuthTest, APasswordBehindARefusedAuthIsInNoEntry) {
    open();
    for (const std::string attempt : {"AUTH GSSAPI", "AUTH PLAIN !!!"}) {
        EXPECT_THAT(say(attempt), StartsWith("50"));
        EXPECT_EQ(say("c2VjcmV0"), "500 5.5.1 Unknown command \"(not shown)\" specified");
        say("c2VjcmV0 and\x01more");
        say(std::string(5000, 's') + "c2VjcmV0");
        EXPECT_EQ(say("NOOP"), "250 2.5.0 Ok.");
        // Whoever knows a command means commands.
        EXPECT_EQ(say("XYZZY"), "500 5.5.1 Unknown command \"XYZZY\" specified");
    }
    const auto entries = log();
    EXPECT_THAT(entries, Each(Not(AnyOf(HasSubstr("c2VjcmV0"), HasSubstr("sss")))));
    EXPECT_THAT(entries, Contains(HasSubstr(" (not shown) 500 ")));
    EXPECT_THAT(entries, Contains(HasSubstr(" XYZZY 500 ")));
}

// A service under stress takes fewer bad commands, also from who changes the channel meanwhile.
TEST_F(AuthTest, ALogInDoesNotGiveBackThePatienceOfAServiceUnderStress) {
    Pressure pressure;
    open();
    context_->pressure = &pressure;
    pressure.set(true, {});
    EXPECT_THAT(say("XYZZY"), StartsWith("500 "));
    EXPECT_THAT(auth_plain("amy", "pencil"), StartsWith("235 "));
    for (int i = 0; i < 3; ++i) EXPECT_THAT(say("XYZZY"), StartsWith("500 ")) << i;
    EXPECT_THAT(say("XYZZY"), HasSubstr("421 "));
}

}  // namespace
}  // namespace sluice::smtp_server
