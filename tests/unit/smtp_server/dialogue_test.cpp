#include "channels/tcp_smtp/server/dialogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/bytes.h"
#include "dialogue_fixture.h"

namespace sluice::smtp_server {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST_F(DialogueTest, TakesAMessageIntoTheQueue) {
    EXPECT_EQ(connect(), "220 mail.example.com -- Server ESMTP (Sluice " SLUICE_VERSION ")");
    start();
    EXPECT_EQ(say("RCPT TO:<adam@example.com>"), "250 2.1.5 adam@example.com OK.");
    EXPECT_EQ(say("DATA"), "354 Enter mail, end with a single \".\".");
    EXPECT_THAT(
        turn("Subject: x\r\nMessage-ID: <1@varrius.com>\r\n\r\nbody\r\n.\r\n"),
        MatchesRegex("250 2\\.5\\.0 Ok, envelope id .*@mail\\.example\\.com")
    );
    EXPECT_EQ(say("QUIT"), "221 2.3.0 Bye received. Goodbye.");
    EXPECT_EQ(last_step_, Step::close);
    dialogue_->finish();

    const auto files = queue_files();
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].parent_path().parent_path().filename(), "l");
    const std::string text = read(files[0]);
    EXPECT_THAT(text, HasSubstr("\nm;harold@varrius.com\n"));
    EXPECT_THAT(text, HasSubstr("\nc;tcp_local\n"));
    EXPECT_THAT(
        text, HasSubstr("Received: from client.test ([198.51.100.7]) by mail.example.com (Sluice")
    );
    EXPECT_THAT(text, HasSubstr("with ESMTP id <"));
    EXPECT_THAT(text, HasSubstr("for <adam@example.com>;"));
    const auto lines = log();
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0], "tcp_local + O TCP|192.0.2.9|25|198.51.100.7|1244 SMTP");
    EXPECT_EQ(lines[1], "tcp_local l E 1 harold@varrius.com rfc822;adam@example.com adam");
    EXPECT_EQ(lines[2], "tcp_local + C TCP|192.0.2.9|25|198.51.100.7|1244 SMTP");
}

TEST_F(DialogueTest, RefusesToRelayForStrangers) {
    connect();
    start();
    EXPECT_EQ(
        say("RCPT TO:<alan@very.bogus.com>"),
        "550 5.7.1 Relaying not permitted: alan@very.bogus.com"
    );
    EXPECT_EQ(
        say("RCPT TO:<nobody@example.com>"),
        "550 5.1.1 unknown or illegal alias: nobody@example.com"
    );
    EXPECT_EQ(
        log()[1],
        "tcp_local J 0 harold@varrius.com rfc822; alan@very.bogus.com "
        "550 5.7.1 Relaying not permitted: alan@very.bogus.com"
    );
}

TEST_F(DialogueTest, OurOwnNetworksComeInByTheirChannelAndMayRelay) {
    connect("127.0.0.1");
    start();
    EXPECT_EQ(say("RCPT TO:<alan@very.bogus.com>"), "250 2.1.5 alan@very.bogus.com OK.");
    EXPECT_THAT(log()[0], testing::StartsWith("tcp_local + O"));
}

TEST_F(DialogueTest, KeepsDsnParameters) {
    connect();
    say("EHLO client.test");
    EXPECT_EQ(
        say("MAIL FROM:<a@b.example> RET=HDRS ENVID=QQ1 BODY=8BITMIME"),
        "250 2.5.0 Address and options OK."
    );
    EXPECT_EQ(
        say("RCPT TO:<adam@example.com> NOTIFY=SUCCESS ORCPT=rfc822;old+2Bname@x.example"),
        "250 2.1.5 adam@example.com and options OK."
    );
    say("DATA");
    EXPECT_EQ(turn("\r\n.\r\n"), "250 2.5.0 Ok, envelope id QQ1");
    const std::string text = read(queue_files().at(0));
    EXPECT_THAT(text, HasSubstr("\ni;QQ1\n"));
    EXPECT_THAT(text, HasSubstr("\nf;old+name@x.example\n"));
    EXPECT_THAT(text, HasSubstr("\nn;265\n"));
    EXPECT_THAT(text, HasSubstr("\na;8BITMIME\n"));
}

TEST_F(DialogueTest, AClientThatVanishesInTheDataLeavesOnlyALogEntry) {
    connect();
    start();
    say("RCPT TO:<adam@example.com>");
    say("RCPT TO:<eve@example.com>");
    say("DATA");
    turn("Subject: x\r\n\r\nhalf a mess");
    dialogue_->on_disconnect();
    turn("");
    EXPECT_EQ(last_step_, Step::close);
    dialogue_->finish();
    EXPECT_TRUE(queue_files().empty());
    const auto lines = log();
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[1], "tcp_local V 1 harold@varrius.com rfc822;adam@example.com adam disconnect");
    EXPECT_EQ(lines[2], "tcp_local V 1 harold@varrius.com rfc822;eve@example.com eve disconnect");
    EXPECT_THAT(lines[3], testing::EndsWith("SMTP disconnect"));
}

TEST_F(DialogueTest, PortAccessRefusesAtTheStartOfTheSession) {
    changes_["mappings"] =
        "PORT_ACCESS\n\n  TCP|*|*|198.51.100.7|*  $N554$ 5.7.1$ Go$ away||listed\n\n";
    changes_["option.dat"] = "LOG_CONNECTION=18\n";
    EXPECT_EQ(connect(), "554 5.7.1 Go away");
    EXPECT_EQ(last_step_, Step::close);
    dialogue_->finish();
    const auto lines = log();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(
        lines[0], "tcp_local + X TCP|192.0.2.9|25|198.51.100.7|1244 SMTP 554 5.7.1 Go away listed"
    );
}

TEST_F(DialogueTest, AccessTablesDelayAndAddHeaders) {
    changes_["mappings"] =
        "FROM_ACCESS\n\n  *|*@slow.example|*  $Y$D50|\n  *|*@tagged.example|*  $Y$AX-Tag:$ yes\n\n"
        "SEND_ACCESS\n\n  *|*|*|eve@*  $N$D-30|Not$ now\n\n";
    connect();
    start("a@slow.example");
    EXPECT_EQ(paused_, std::chrono::milliseconds(500));
    say("RCPT TO:<adam@example.com>");
    EXPECT_EQ(paused_, std::chrono::milliseconds(1000));
    say("RSET");
    paused_ = {};
    say("MAIL FROM:<a@tagged.example>");
    EXPECT_EQ(say("RCPT TO:<eve@example.com>"), "550 5.7.1 Not now: eve@example.com");
    EXPECT_EQ(paused_, std::chrono::milliseconds(300));
    say("RCPT TO:<adam@example.com>");
    EXPECT_EQ(paused_, std::chrono::milliseconds(300));
    say("DATA");
    turn("Subject: x\r\n\r\n.\r\n");
    EXPECT_THAT(read(queue_files().at(0)), HasSubstr("Subject: x\r\nX-Tag: yes\r\n"));
}

TEST_F(DialogueTest, AMessageAboveTheLimitOfItsDestinationIsRefused) {
    add_keywords("l", "blocklimit 2");
    connect();
    start();
    say("RCPT TO:<adam@example.com>");
    say("DATA");
    EXPECT_EQ(
        turn(
            "\r\n" + std::string(900, 'x') + "\r\n" + std::string(900, 'x') + "\r\n" +
            std::string(900, 'x') + "\r\n.\r\n"
        ),
        "552 5.2.3 channel limit of 2 kilobytes on message size exceeded"
    );
    EXPECT_TRUE(queue_files().empty());
    EXPECT_THAT(log().back(), HasSubstr("J 0 harold@varrius.com rfc822; adam@example.com 552"));
    // Its own size told beforehand, the message is refused recipient by recipient.
    say("MAIL FROM:<a@b.example> SIZE=3000");
    EXPECT_THAT(say("RCPT TO:<adam@example.com>"), testing::StartsWith("552 5.2.3"));
}

TEST_F(DialogueTest, TooManyLinesAreRefused) {
    add_keywords("l", "linelimit 2");
    connect();
    start();
    say("RCPT TO:<adam@example.com>");
    say("DATA");
    EXPECT_EQ(
        turn("a\r\nb\r\nc\r\nd\r\n.\r\n"),
        "552 5.2.3 channel limit of 2 lines on message length exceeded"
    );
}

TEST_F(DialogueTest, AFullDiskPutsConnectionsOff) {
    changes_["option.dat"] = "LOG_CONNECTION=2\nQUEUE_MIN_FREE_HARD=100%\n";
    EXPECT_EQ(connect(), "421 4.3.2 insufficient system storage, closing");
    EXPECT_THAT(log().at(0), HasSubstr("+ X TCP"));
}

TEST_F(DialogueTest, LittleRoomPutsOffMessagesOfUnknownSize) {
    changes_["option.dat"] = "QUEUE_MIN_FREE=100%\nQUEUE_MIN_FREE_HARD=0\n";
    connect();
    say("EHLO client.test");
    EXPECT_EQ(say("MAIL FROM:<a@b.example>"), "452 4.3.1 insufficient system storage");
    EXPECT_EQ(say("MAIL FROM:<a@b.example> SIZE=1000"), "452 4.3.1 insufficient system storage");
}

TEST_F(DialogueTest, MailFromDnsVerifyAsksTheDns) {
    add_keywords("tcp_local", "mailfromdnsverify");
    connect();
    say("EHLO client.test");
    const auto mail = [this](const std::string& domain) {
        const std::string reply = say("MAIL FROM:<a@" + domain + ">");
        say("RSET");
        return reply;
    };
    EXPECT_EQ(mail("good.example"), "250 2.5.0 Address OK.");
    EXPECT_EQ(mail("host.example"), "250 2.5.0 Address OK.");
    EXPECT_THAT(mail("null.example"), testing::StartsWith("550 5.7.27 "));
    EXPECT_THAT(mail("nowhere.example"), testing::StartsWith("550 5.1.8 "));
    EXPECT_THAT(mail("slow.example"), testing::StartsWith("451 4.1.8 "));
    EXPECT_EQ(say("MAIL FROM:<>"), "250 2.5.0 Address OK.");
}

TEST_F(DialogueTest, TheLastJEntrySaysSo) {
    changes_["tcp_local_option"] = "MAX_J_ENTRIES=2\n";
    connect();
    start();
    for (int i = 0; i < 4; ++i) say("RCPT TO:<nobody@example.com>");
    const auto lines = log();
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_THAT(lines[1], testing::EndsWith(": nobody@example.com"));
    EXPECT_THAT(lines[2], testing::EndsWith("(last rejection logged for this connection)"));
}

TEST_F(DialogueTest, StrangersGetVagueAnswersToVrfy) {
    connect();
    say("EHLO client.test");
    EXPECT_EQ(say("VRFY nobody"), "252 2.5.0 Possible local address nobody");
    EXPECT_EQ(say("VRFY a@elsewhere.example"), "252 2.5.0 Possible remote address not checked");
    EXPECT_EQ(say("EXPN adam"), "550 5.7.2 EXPN command has been disabled");
}

TEST_F(DialogueTest, OurOwnGetInformativeOnes) {
    changes_["aliases"] = shipped("aliases") + "\nstaff: adam, eve\n";
    connect("127.0.0.1");
    say("EHLO client.test");
    EXPECT_EQ(say("VRFY <adam@example.com>"), "250 2.1.5 adam@example.com");
    EXPECT_EQ(say("VRFY nobody"), "550 5.1.1 unknown or illegal alias: nobody");
    EXPECT_EQ(say("EXPN staff"), "250-2.1.5 adam\n250 2.1.5 eve");
}

TEST_F(DialogueTest, EtrnWithoutAJobControllerIsUnable) {
    changes_["tcp_local_option"] = "ALLOW_ETRNS_PER_SESSION=9\n";
    changes_["option.dat"] = "LOG_CONNECTION=6\n";
    connect();
    say("EHLO client.test");
    EXPECT_THAT(say("ETRN #tcp_local"), testing::StartsWith("458 4.5.0 "));
    EXPECT_THAT(say("ETRN #tcp_local"), testing::StartsWith("250 2.5.0 "));
    EXPECT_THAT(say("ETRN #nosuch"), testing::StartsWith("459 4.5.0 "));
    EXPECT_THAT(say("ETRN @"), testing::StartsWith("501 "));
    EXPECT_THAT(log().back(), HasSubstr("tcp_local + I TCP|"));
}

TEST_F(DialogueTest, AFailedCommitIsToldAndLogged) {
    connect();
    start();
    say("RCPT TO:<adam@example.com>");
    say("DATA");
    std::string_view data = "Subject: x\r\n\r\nbody\r\n.\r\n";
    ASSERT_EQ(dialogue_->advance(data), Step::commit);
    { const auto dropped = dialogue_->take_prepared(); }
    dialogue_->on_committed(Error::from_errno(ENOSPC, "write"));
    EXPECT_EQ(turn(""), "452 4.3.1 insufficient system storage");
    EXPECT_TRUE(queue_files().empty());
    EXPECT_THAT(log().back(), HasSubstr("J 0 harold@varrius.com rfc822; adam@"));
}

TEST_F(DialogueTest, TheMessageIsKeptWhenTheClientLeavesBeforeTheReply) {
    connect();
    start();
    say("RCPT TO:<adam@example.com>");
    say("DATA");
    std::string_view data = "Subject: x\r\n\r\nbody\r\n.\r\n";
    ASSERT_EQ(dialogue_->advance(data), Step::commit);
    dialogue_->on_disconnect();
    dialogue_->on_committed(dialogue_->take_prepared().commit(runtime_->site()));
    EXPECT_EQ(turn(""), "");
    EXPECT_EQ(last_step_, Step::close);
    EXPECT_EQ(queue_files().size(), 1U);
}

TEST(ReplyForFailure, TellsFullDisksFromOtherTrouble) {
    EXPECT_EQ(reply_for_failure(Error::from_errno(ENOSPC, "write")).code, 452);
    EXPECT_EQ(reply_for_failure(Error::from_errno(EIO, "fsync")).code, 451);
    EXPECT_EQ(reply_for_failure(Error::permanent({5, 3, 4}, "too big")).code, 554);
}

}  // namespace
}  // namespace sluice::smtp_server
