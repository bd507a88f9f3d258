// Every flag of the access tables with its effect on a session, its queue files and its log.
#include "channels/tcp_smtp/server/dialogue.h"
#include "dialogue_fixture.h"

namespace sluice::smtp_server {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class DialogueAccessTest : public DialogueTest {
protected:
    /// One table with its entries, one a line.
    void table(const std::string& name, const std::vector<std::string>& entries) {
        std::string& text = changes_["mappings"];
        text += name + "\n\n";
        for (const std::string& entry : entries) text += "  " + entry + '\n';
        text += '\n';
    }
    /// Sends a message to these and returns the queue file of the first copy.
    std::string send(const std::vector<std::string>& recipients = {"adam@example.com"}) {
        connect();
        start();
        for (const std::string& recipient : recipients)
            EXPECT_THAT(say("RCPT TO:<" + recipient + ">"), StartsWith("250 "));
        EXPECT_THAT(say("DATA"), StartsWith("354 "));
        EXPECT_THAT(turn("Subject: offer\r\n\r\nbody\r\n.\r\n"), StartsWith("250 "));
        const auto files = queue_files();
        return files.empty() ? std::string() : read(files[0]);
    }
    [[nodiscard]] std::vector<std::string> channels() const {
        std::vector<std::string> names;
        for (const auto& file : queue_files())
            names.push_back(file.parent_path().parent_path().filename());
        std::sort(names.begin(), names.end());
        return names;
    }
};

TEST_F(DialogueAccessTest, SubjectTagAndHeaderLineChangeTheMessage) {
    table("FROM_ACCESS", {"*  $Y$T$A[outside]|X-Origin:$ internet"});
    const std::string file = send();
    EXPECT_THAT(file, HasSubstr("\nSubject: [outside] offer\r\nX-Origin: internet\r\n\r\nbody"));
    EXPECT_THAT(file, Not(HasSubstr("X-Origin: internet\r\nReceived:")));
}

TEST_F(DialogueAccessTest, EveryRecipientTableMayChangeTheMessage) {
    table("ORIG_SEND_ACCESS", {"*  $Y$AX-One:$ 1"});
    table("ORIG_MAIL_ACCESS", {"*  $Y$AX-Two:$ 2"});
    table("SEND_ACCESS", {"*  $Y$AX-Three:$ 3"});
    table("MAIL_ACCESS", {"*  $Y$T[four]"});
    EXPECT_THAT(
        send({"adam@example.com", "eve@example.com"}),
        HasSubstr("Subject: [four] offer\r\nX-One: 1\r\nX-Two: 2\r\nX-Three: 3\r\n\r\nbody")
    );
}

TEST_F(DialogueAccessTest, BitbucketIsForThatRecipientAlone) {
    table("SEND_ACCESS", {"*|*|*|eve@*  $B"});
    send({"adam@example.com", "eve@example.com"});
    EXPECT_THAT(channels(), ElementsAre("bitbucket", "l"));
    const auto lines = log();
    EXPECT_THAT(lines, testing::Contains(HasSubstr(" l E 1 harold@varrius.com rfc822;adam@")));
    EXPECT_THAT(
        lines, testing::Contains(HasSubstr(" bitbucket E 1 harold@varrius.com rfc822;eve@"))
    );
}

TEST_F(DialogueAccessTest, SiteWithoutBitbucketThrowsAwayAllTheSame) {
    std::string text = shipped("imta.cnf");
    text.erase(text.find("! Messages nobody wants"));
    changes_["imta.cnf"] = text;
    table("SEND_ACCESS", {"*|*|*|eve@*  $B"});
    send({"eve@example.com"});
    EXPECT_THAT(channels(), IsEmpty());
    EXPECT_EQ(
        log().back(), "tcp_local bitbucket E 1 harold@varrius.com rfc822;eve@example.com eve"
    );
}

TEST_F(DialogueAccessTest, DiscardAndJettisonAreForAllRecipients) {
    for (const char* flag : {"$V", "$Z"}) {
        changes_["mappings"].clear();
        table("SEND_ACCESS", {std::string("*|*|*|eve@*  ") + flag});
        send({"adam@example.com", "eve@example.com"});
        EXPECT_THAT(channels(), testing::Each("bitbucket")) << flag;
    }
}

TEST_F(DialogueAccessTest, HoldMakesAHeldFile) {
    table("ORIG_MAIL_ACCESS", {"TCP|*|*|*|*|SMTP*|MAIL|tcp_local|*|l|eve@*  $H"});
    const std::string file = send({"eve@example.com"});
    EXPECT_THAT(file, HasSubstr("\nq;mapping\n"));
    EXPECT_EQ(queue_files().at(0).extension(), ".HELD");
}

TEST_F(DialogueAccessTest, SenderTableHoldsDiscardsAndSilencesTheWholeMessage) {
    table("FROM_ACCESS", {"*  $Y$H$!"});
    const std::string file = send({"adam@example.com", "eve@example.com"});
    EXPECT_THAT(file, HasSubstr("\nq;mapping\n"));
    EXPECT_THAT(file, HasSubstr("\na;NOVACATION\n"));
    changes_["mappings"].clear();
    table("FROM_ACCESS", {"*  $B"});
    send();
    EXPECT_THAT(channels(), testing::Contains("bitbucket"));
}

TEST_F(DialogueAccessTest, ConversionTagsAreKeptWithTheirCopy) {
    table("FROM_ACCESS", {"*  $Y$Gslow,big"});
    table("SEND_ACCESS", {"*|*|*|eve@*  $Y$GSLOW,eve"});
    send({"adam@example.com", "eve@example.com"});
    std::vector<std::string> tags;
    for (const auto& file : queue_files()) {
        const std::string text = read(file);
        const std::size_t at = text.find("\nw;");
        ASSERT_NE(at, std::string::npos);
        tags.push_back(text.substr(at + 3, text.find('\n', at + 1) - at - 3));
    }
    EXPECT_THAT(tags, testing::UnorderedElementsAre("slow,big", "slow,big,eve"));
}

TEST_F(DialogueAccessTest, LaterTablesSeeTheTagsOfEarlierOnes) {
    changes_["option.dat"] = "INCLUDE_CONVERSIONTAG=80\nACCESS_COUNTS=16\nACCESS_ORCPT=4\n";
    table("FROM_ACCESS", {"*  $Y$Gslow"});
    table("ORIG_SEND_ACCESS", {"*  $Y$Gmore"});
    table(
        "SEND_ACCESS", {"tcp_local|*|l|adam@example.com|rfc822;adam@example.com|slow,more  $N$0",
                        "*  $NNot$ seen:$ $0"}
    );
    table("MAIL_ACCESS", {"*|l|eve@example.com|2/0/|slow,more  $NSeen", "*  $NNot$ seen:$ $0"});
    connect();
    start();
    EXPECT_EQ(say("RCPT TO:<adam@example.com>"), "550 5.7.1 harold@varrius.com: adam@example.com");
    changes_["mappings"].clear();
    table("FROM_ACCESS", {"*  $Y$Gslow"});
    table("ORIG_SEND_ACCESS", {"*  $Y$Gmore"});
    table("MAIL_ACCESS", {"*|l|eve@example.com|2/0/|slow,more  $NSeen", "*  $NNot$ seen:$ $0"});
    connect();
    start();
    say("RCPT TO:<nobody@example.com>");
    EXPECT_EQ(say("RCPT TO:<eve@example.com>"), "550 5.7.1 Seen: eve@example.com");
}

TEST_F(DialogueAccessTest, ReturnAddressIsReplaced) {
    table("FROM_ACCESS", {"*|harold@*|*  $Y$Jalias@varrius.com"});
    EXPECT_THAT(send(), HasSubstr("\nm;alias@varrius.com\n"));
    EXPECT_THAT(log().back(), HasSubstr(" E 1 alias@varrius.com "));
}

TEST_F(DialogueAccessTest, SenderIsReplacedWhereTheChannelRewritesIt) {
    table("FROM_ACCESS", {"*  $Y$Kalias@varrius.com"});
    EXPECT_THAT(send(), Not(HasSubstr("Sender:")));
    add_keywords("tcp_local", "authrewrite 1");
    fs::remove_all(root_ / "queue/l");
    EXPECT_THAT(send(), HasSubstr("\nSender: alias@varrius.com\r\n"));
}

TEST_F(DialogueAccessTest, SystemLogHearsOfMatchAndOfRefusal) {
    table(
        "SEND_ACCESS",
        {"*|*|*|adam@*  $<$>matched|refused|$Y", "*|*|*|eve@*  $N$<$>matched|refused|No"}
    );
    connect();
    start();
    say("RCPT TO:<adam@example.com>");
    EXPECT_THAT(system_log_.texts, ElementsAre("matched"));
    system_log_.texts.clear();
    EXPECT_EQ(say("RCPT TO:<eve@example.com>"), "550 5.7.1 No: eve@example.com");
    EXPECT_THAT(system_log_.texts, ElementsAre("matched", "refused"));
}

TEST_F(DialogueAccessTest, DispatcherHasDoneItsPartOfPortAccess) {
    table("PORT_ACCESS", {"*  $Y$<$Dknock|50|EXTERNAL"});
    connect();
    EXPECT_THAT(system_log_.texts, ElementsAre("knock"));
    EXPECT_EQ(paused_, milliseconds(500));
    system_log_.texts.clear();
    done_before_ = "delay=50,all syslog=knock ruleset=EXTERNAL";
    connect();
    EXPECT_THAT(system_log_.texts, IsEmpty());
    EXPECT_EQ(paused_, milliseconds(500));
}

TEST_F(DialogueAccessTest, DelayOfOneCommandIsNotThatOfTheNext) {
    table("SEND_ACCESS", {"*|*|*|eve@*  $Y$D-30|"});
    connect();
    start();
    say("RCPT TO:<eve@example.com>");
    EXPECT_EQ(paused_, milliseconds(300));
    say("RCPT TO:<adam@example.com>");
    EXPECT_EQ(paused_, milliseconds(300));
}

TEST_F(DialogueAccessTest, DelayOfATransactionHoldsForEveryCommandOfIt) {
    table("FROM_ACCESS", {"*  $Y$D10|"});
    connect();
    start();
    EXPECT_EQ(paused_, milliseconds(100));
    EXPECT_THAT(say("NOOP"), StartsWith("250 "));
    EXPECT_EQ(paused_, milliseconds(200));
    EXPECT_THAT(say("RCPT TO:"), StartsWith("501 "));
    EXPECT_EQ(paused_, milliseconds(300));
    say("RCPT TO:<adam@example.com>");
    EXPECT_EQ(paused_, milliseconds(400));
    // One pause for what came in one piece.
    EXPECT_EQ(turn("NOOP\r\nNOOP\r\n").size(), 2 * turn("NOOP\r\n").size() + 1);
    EXPECT_EQ(paused_, milliseconds(600));
    say("RSET");
    say("NOOP");
    EXPECT_EQ(paused_, milliseconds(600));
}

TEST_F(DialogueAccessTest, LimitsOfTheSenderTable) {
    table("FROM_ACCESS", {"*  $Y$S1,2,2"});
    connect();
    start();
    EXPECT_THAT(say("RCPT TO:<adam@example.com>"), StartsWith("250 "));
    EXPECT_THAT(say("RCPT TO:<eve@example.com>"), StartsWith("250 "));
    EXPECT_THAT(say("DATA"), StartsWith("354 "));
    std::string text;
    for (int i = 0; i < 20; ++i) text.append(60, 'x').append("\r\n");
    EXPECT_THAT(turn(text + ".\r\n"), StartsWith("552 "));
    start();
    say("RCPT TO:<adam@example.com>");
    say("RCPT TO:<eve@example.com>");
    EXPECT_THAT(say("RCPT TO:<u1@example.com>"), StartsWith("452 "));
    EXPECT_THAT(say("DATA"), Not(StartsWith("354")));
}

TEST_F(DialogueAccessTest, RefusalsHaveTheirCodesAndAJEntry) {
    changes_["option.dat"] = "LOG_CONNECTION=1\n";
    table(
        "FROM_ACCESS", {"*|bad@*|*  $N", "*|later@*|*  $N$X4.7.0|Come$ back", "*||*  $NNo$ bounces"}
    );
    table("ORIG_SEND_ACCESS", {"*|*|*|adam@*  $N", "*|*|*|eve@*  $N$X4.4.3|Not$ now"});
    connect();
    say("EHLO client.test");
    EXPECT_EQ(
        say("MAIL FROM:<bad@x.example>"),
        "550 5.7.1 you are not allowed to use this return address: bad@x.example"
    );
    EXPECT_EQ(say("MAIL FROM:<later@x.example>"), "451 4.7.0 Come back: later@x.example");
    EXPECT_EQ(say("MAIL FROM:<>"), "550 5.7.1 No bounces");
    say("MAIL FROM:<harold@varrius.com>");
    EXPECT_EQ(
        say("RCPT TO:<Adam@example.com>"), "550 5.1.2 unknown host or domain: Adam@example.com"
    );
    EXPECT_EQ(say("RCPT TO:<eve@example.com>"), "450 4.4.3 Not now: eve@example.com");
    const auto lines = log();
    ASSERT_EQ(lines.size(), 5U);
    EXPECT_EQ(
        lines[0],
        "tcp_local J 0 bad@x.example rfc822; client.test ([198.51.100.7]) "
        "550 5.7.1 you are not allowed to use this return address: bad@x.example"
    );
    EXPECT_THAT(lines[3], HasSubstr(" J 0 harold@varrius.com rfc822; Adam@example.com "));
    EXPECT_THAT(lines[4], testing::EndsWith("450 4.4.3 Not now: eve@example.com"));
}

TEST_F(DialogueAccessTest, LastJEntryOfASessionSaysSo) {
    changes_["tcp_local_option"] = "MAX_J_ENTRIES=3\n";
    table("ORIG_SEND_ACCESS", {"*  $NNo"});
    connect();
    start();
    for (int i = 0; i < 5; ++i) say("RCPT TO:<adam@example.com>");
    std::vector<std::string> refusals;
    for (const std::string& line : log()) {
        if (line.starts_with("tcp_local J ")) refusals.push_back(line);
    }
    ASSERT_EQ(refusals.size(), 3U);
    EXPECT_THAT(refusals[1], testing::EndsWith("550 5.7.1 No: adam@example.com"));
    EXPECT_THAT(
        refusals[2],
        testing::EndsWith("adam@example.com (last rejection logged for this connection)")
    );
}

TEST_F(DialogueAccessTest, DebugLevelShowsDialogueAndDecisions) {
    table("PORT_ACCESS", {"*  $Y$U5|EXTERNAL"});
    testing::internal::CaptureStderr();
    connect();
    start();
    say("RCPT TO:<adam@example.com>");
    const std::string shown = testing::internal::GetCapturedStderr();
    EXPECT_THAT(
        shown, HasSubstr("[198.51.100.7]   channel tcp_local, authentication rule set EXTERNAL")
    );
    EXPECT_THAT(shown, HasSubstr("[198.51.100.7] > 220 mail.example.com"));
    EXPECT_THAT(shown, HasSubstr("[198.51.100.7] < RCPT TO:<adam@example.com>"));
    EXPECT_THAT(shown, HasSubstr("rewriting adam@example.com"));
    EXPECT_THAT(shown, HasSubstr("[198.51.100.7] > 250 2.1.5 adam@example.com OK."));
}

TEST_F(DialogueAccessTest, DebuggingBeginsWhereATableAsksForIt) {
    table("SEND_ACCESS", {"*|*|*|eve@*  $Y$U1|"});
    testing::internal::CaptureStderr();
    connect();
    start();
    say("RCPT TO:<adam@example.com>");
    EXPECT_THAT(testing::internal::GetCapturedStderr(), Not(HasSubstr("adam")));
    testing::internal::CaptureStderr();
    say("RCPT TO:<eve@example.com>");
    say("DATA");
    turn("secret\r\n.\r\n");
    say("RSET");
    const std::string shown = testing::internal::GetCapturedStderr();
    EXPECT_THAT(shown, HasSubstr("> 250 2.1.5 eve@example.com OK."));
    EXPECT_THAT(shown, HasSubstr("< RSET"));
    EXPECT_THAT(shown, Not(HasSubstr("secret")));
    EXPECT_THAT(shown, Not(HasSubstr("rewriting")));
}

TEST_F(DialogueAccessTest, BarsOfForeignTextShiftNoFields) {
    changes_["option.dat"] = "MAPPING_PARANOIA=_\n";
    table("ORIG_SEND_ACCESS", {"tcp_local|*|l|*  $N$0"});
    connect();
    start("\"a|l|b\"@x.example");
    EXPECT_EQ(say("RCPT TO:<adam@example.com>"), "550 5.7.1 \"a_l_b\"@x.example: adam@example.com");
}

TEST_F(DialogueAccessTest, QueueFileRemembersTheConnection) {
    EXPECT_THAT(send(), HasSubstr("\no;TCP|192.0.2.9|25|198.51.100.7|1244|SMTP|E||client.test\n"));
}

TEST_F(DialogueAccessTest, GroupCheckRefuses) {
    table("SEND_ACCESS", {"*  $Y$Iuser|group"});
    connect();
    start();
    EXPECT_EQ(
        say("RCPT TO:<adam@example.com>"), "550 5.1.2 unknown host or domain: adam@example.com"
    );
}

TEST_F(DialogueAccessTest, PrivateCommandsAreForWhomPortAccessNames) {
    table("PORT_ACCESS", {"TCP|*|*|198.51.100.7|*  $Y$VDEFAULT$E", "*  $YEXTERNAL"});
    connect();
    const std::string hello = say("EHLO client.test");
    for (const char* verb : {"XADR", "XSTA", "XCIR", "XGEN"})
        EXPECT_THAT(hello, HasSubstr(std::string("250-") + verb));
    EXPECT_THAT(say("XADR adam@example.com"), HasSubstr("250 2.1.5 channel l"));
    EXPECT_THAT(say("XGEN"), HasSubstr("250-2.5.0 Configuration"));
    EXPECT_THAT(say("XCIR"), HasSubstr("250 2.5.0 "));
    EXPECT_EQ(say("XSTA nowhere"), "550 5.5.4 There is no channel nowhere");
    connect("198.51.100.8");
    EXPECT_THAT(say("EHLO client.test"), Not(HasSubstr("XADR")));
    EXPECT_EQ(say("XSTA l"), "550 5.7.0 XSTA command has been disabled.");
}

TEST_F(DialogueAccessTest, EtrnTableDecides) {
    table(
        "ETRN_ACCESS", {"TCP|*|*|*|*|SMTP/client.test|@Bad.Example|bad.example  $NNot$ you",
                        "*|*|worse.example  $N"}
    );
    connect();
    say("EHLO client.test");
    EXPECT_EQ(say("ETRN @Bad.Example"), "459 4.5.0 Not you");
    connect();
    say("EHLO client.test");
    EXPECT_EQ(say("ETRN worse.example"), "459 4.5.0 ETRN not permitted");
}

}  // namespace
}  // namespace sluice::smtp_server
