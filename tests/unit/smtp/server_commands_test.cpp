// Every command: what it answers, what it asks, in which order it may come.
#include <gtest/gtest.h>

#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using testing::dialog;
using testing::test_server_settings;
using Strings = std::vector<std::string>;

TEST(SmtpServer, Greets) {
    auto settings = test_server_settings();
    settings.banner_addition = " no spam";
    ServerSession session(std::make_shared<const ServerSettings>(settings));
    session.greet();
    EXPECT_EQ(session.take_output(), "220 mail.sesta.com -- Server ESMTP (Sluice 0.1) no spam\r\n");
}

TEST(SmtpServer, GreetsWithACustomVersion) {
    auto settings = test_server_settings();
    settings.custom_version = "iMS V5.0 #8694";
    ServerSession session(std::make_shared<const ServerSettings>(settings));
    session.greet();
    EXPECT_EQ(session.take_output(), "220 mail.sesta.com -- Server ESMTP (iMS V5.0 #8694)\r\n");
}

TEST(SmtpServer, ListsExtensionsInTheFixedOrder) {
    dialog()
        .client("EHLO client.example")
        .server("250-mail.sesta.com")
        .server("250-8BITMIME")
        .server("250-PIPELINING")
        .server("250-DSN")
        .server("250-ENHANCEDSTATUSCODES")
        .server("250-EXPN")
        .server("250-HELP")
        .server("250-ETRN")
        .server("250 SIZE 0")
        .run();
}

TEST(SmtpServer, ListsEverythingThatIsEnabled) {
    auto settings = test_server_settings();
    settings.chunking = settings.binary_mime = settings.starttls = settings.smtputf8 = true;
    settings.xadr = settings.xsta = settings.xcir = settings.xgen = true;
    settings.loop_hash = "A1B2";
    settings.auth_mechanisms = {"PLAIN", "LOGIN"};
    settings.auth_without_tls = settings.auth_mechanisms;
    settings.legacy_auth_line = true;
    settings.message_size = 1048576;
    settings.ehlo_additions = {"XFOO bar"};
    dialog(settings)
        .client("ehlo client.example")
        .server("250-mail.sesta.com")
        .server("250-8BITMIME")
        .server("250-PIPELINING")
        .server("250-CHUNKING")
        .server("250-BINARYMIME")
        .server("250-DSN")
        .server("250-ENHANCEDSTATUSCODES")
        .server("250-EXPN")
        .server("250-HELP")
        .server("250-XADR")
        .server("250-XSTA")
        .server("250-XCIR")
        .server("250-XGEN")
        .server("250-XLOOP A1B2")
        .server("250-STARTTLS")
        .server("250-AUTH PLAIN LOGIN")
        .server("250-AUTH=PLAIN LOGIN")
        .server("250-ETRN")
        .server("250-XFOO bar")
        .server("250-SMTPUTF8")
        .server("250 SIZE 1048576")
        .run();
}

TEST(SmtpServer, LeavesOutWhatIsOff) {
    auto settings = test_server_settings();
    settings.eight_bit_mime = settings.dsn = settings.etrn = false;
    settings.disable_expand = true;
    dialog(settings)
        .client("EHLO client.example")
        .server("250-mail.sesta.com")
        .server("250-PIPELINING")
        .server("250-ENHANCEDSTATUSCODES")
        .server("250-HELP")
        .server("250 SIZE 0")
        .run();
}

TEST(SmtpServer, HeloIsAnsweredInOneLine) {
    dialog().client("HELO client.example").server("250 mail.sesta.com").run();
}

TEST(SmtpServer, RemembersTheHelloName) {
    ServerSession session(std::make_shared<const ServerSettings>(test_server_settings()));
    session.greet();
    const std::string octets = "EHLO [192.0.2.1]\r\n";
    std::string_view input = octets;
    session.feed(input);
    EXPECT_EQ(session.hello_name(), "[192.0.2.1]");
    EXPECT_TRUE(session.is_esmtp());
}

TEST(SmtpServer, RefusesHelloWithoutNameOrWithBlanks) {
    dialog()
        .client("EHLO")
        .server("501 5.5.2 Syntax error in parameters or arguments")
        .client("HELO two words")
        .server("501 5.5.2 Syntax error in parameters or arguments")
        .client("EHLO \x01name")
        .server("500 5.5.2 Command contains control characters")
        .run();
}

TEST(SmtpServer, RefusesEhloWhenToldSo) {
    auto settings = test_server_settings();
    settings.ehlo = false;
    dialog(settings)
        .client("EHLO client.example")
        .server("502 5.5.1 EHLO command is not implemented")
        .client("HELO client.example")
        .server("250 mail.sesta.com")
        .run();
}

TEST(SmtpServer, TakesAMessage) {
    const auto outcome = dialog()
                             .hello()
                             .mail_and_recipient()
                             .data()
                             .raw("Subject: x\r\n\r\nHello\r\n..dot\r\n.\r\n")
                             .server("250 2.5.0 Ok, envelope id E1")
                             .client("QUIT")
                             .server("221 2.3.0 Bye received. Goodbye.")
                             .run();
    EXPECT_EQ(outcome.messages, Strings{"Subject: x\r\n\r\nHello\r\n.dot\r\n"});
    EXPECT_EQ(
        outcome.actions, (Strings{
                             "AskMail <a@b.example>", "AskRecipient <c@d.example>", "BeginData",
                             "EndData 27", "Close quit"})
    );
    EXPECT_TRUE(outcome.closed);
}

TEST(SmtpServer, TakesSeveralMessagesInOneConnection) {
    const auto outcome = dialog()
                             .hello()
                             .mail_and_recipient()
                             .data()
                             .raw("one\r\n.\r\n")
                             .server_starts("250 ")
                             .mail_and_recipient()
                             .data()
                             .raw("two\r\n.\r\n")
                             .server_starts("250 ")
                             .run();
    EXPECT_EQ(outcome.messages, (Strings{"one\r\n", "two\r\n"}));
}

TEST(SmtpServer, TakesAPipelinedGroup) {
    const auto outcome = dialog()
                             .hello()
                             .client("MAIL FROM:<a@b>")
                             .client("RCPT TO:<c@d>")
                             .client("RCPT TO:<e@f>")
                             .client("DATA")
                             .server("250 2.5.0 Address OK.")
                             .server("250 2.1.5 c@d OK.")
                             .server("250 2.1.5 e@f OK.")
                             .server_starts("354 ")
                             .raw("text\r\n.\r\nRSET\r\nMAIL FROM:<>\r\nQUIT\r\n")
                             .server_starts("250 2.5.0 Ok, envelope id")
                             .server("250 2.5.0 Ok.")
                             .server("250 2.5.0 Address OK.")
                             .server_starts("221 ")
                             .run();
    EXPECT_EQ(outcome.messages, Strings{"text\r\n"});
    EXPECT_EQ(outcome.actions.back(), "Close quit");
    EXPECT_EQ(outcome.actions[outcome.actions.size() - 2], "Abort quit");
}

// RFC 2920 section 3.1: what follows a refused MAIL is answered, not taken.
TEST(SmtpServer, AnswersTheGroupAfterARefusedMail) {
    dialog()
        .policy([](const ServerAction& action) -> std::optional<Reply> {
            if (std::holds_alternative<server_action::AskMail>(action))
                return Reply(550, {5, 7, 1}, "Go away");
            return std::nullopt;
        })
        .hello()
        .client("MAIL FROM:<a@b>")
        .client("RCPT TO:<c@d>")
        .client("DATA")
        .client("NOOP")
        .server("550 5.7.1 Go away")
        .server("503 5.5.1 No MAIL FROM: command has been given.")
        .server("503 5.5.1 No MAIL FROM: command has been given.")
        .server("250 2.5.0 Ok.")
        .run();
}

TEST(SmtpServer, TakesDataWhenOneRecipientIsGood) {
    dialog()
        .policy([](const ServerAction& action) -> std::optional<Reply> {
            const auto* ask = std::get_if<server_action::AskRecipient>(&action);
            if (ask != nullptr && ask->command.path == "bad@d")
                return replies::unknown_user("bad@d");
            return std::nullopt;
        })
        .hello()
        .client("MAIL FROM:<a@b>")
        .client("RCPT TO:<bad@d>")
        .client("DATA")
        .client("RCPT TO:<good@d>")
        .client("DATA")
        .server("250 2.5.0 Address OK.")
        .server("550 5.1.1 unknown or illegal user: bad@d")
        .server("503 5.5.1 No RCPT TO: command has been given.")
        .server("250 2.1.5 good@d OK.")
        .server_starts("354 ")
        .run();
}

TEST(SmtpServer, WantsCommandsInOrder) {
    dialog()
        .client("MAIL FROM:<a@b>")
        .server("503 5.5.1 No HELO or EHLO command has been given.")
        .hello()
        .client("RCPT TO:<a@b>")
        .server("503 5.5.1 No MAIL FROM: command has been given.")
        .client("DATA")
        .server("503 5.5.1 No MAIL FROM: command has been given.")
        .client("MAIL FROM:<a@b>")
        .server("250 2.5.0 Address OK.")
        .client("DATA")
        .server("503 5.5.1 No RCPT TO: command has been given.")
        .client("MAIL FROM:<a@b>")
        .server("503 5.5.1 A MAIL FROM: command has already been given.")
        .run();
}

TEST(SmtpServer, PassesParametersOn) {
    const auto outcome = dialog()
                             .hello()
                             .client("MAIL FROM:<a@b> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=Q1")
                             .server("250 2.5.0 Address and options OK.")
                             .client("RCPT TO:<marlowe@siroe.com> NOTIFY=FAILURE ORCPT=rfc822;m@s")
                             .server("250 2.1.5 marlowe@siroe.com and options OK.")
                             .run();
    EXPECT_EQ(
        outcome.actions, (Strings{
                             "AskMail <a@b> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=Q1",
                             "AskRecipient <marlowe@siroe.com> NOTIFY=FAILURE ORCPT=rfc822;m@s"})
    );
}

TEST(SmtpServer, KnowsNoParametersAfterHelo) {
    dialog()
        .client("HELO client.example")
        .server("250 mail.sesta.com")
        .client("MAIL FROM:<a@b> SIZE=1")
        .server("555 5.5.4 Unsupported parameter: SIZE")
        .client("MAIL FROM:<a@b>")
        .server("250 2.5.0 Address OK.")
        .client("RCPT TO:<a@b> NOTIFY=NEVER")
        .server("555 5.5.4 Unsupported parameter: NOTIFY")
        .run();
}

TEST(SmtpServer, ReportsBadCommandsForTheLog) {
    const auto outcome = dialog()
                             .client("FOO bar")
                             .server("500 5.5.1 Unknown command \"FOO\" specified")
                             .client("")
                             .server("500 5.5.1 Unknown command \"\" specified")
                             .client("WIZ")
                             .server("500 5.5.1 Unknown command \"WIZ\" specified")
                             .client("QUIT now")
                             .server("501 5.5.2 Syntax error in parameters or arguments")
                             .run();
    EXPECT_EQ(
        outcome.actions,
        (Strings{
            "BadCommand \"FOO bar\": 500 5.5.1 Unknown command \"FOO\" specified",
            "BadCommand \"\": 500 5.5.1 Unknown command \"\" specified",
            "BadCommand \"WIZ\" hostile: 500 5.5.1 Unknown command \"WIZ\" specified",
            "BadCommand \"QUIT now\": 501 5.5.2 Syntax error in parameters or arguments"})
    );
}

TEST(SmtpServer, RsetForgetsTheTransaction) {
    const auto outcome = dialog()
                             .client("RSET")
                             .server("250 2.5.0 Ok.")
                             .hello()
                             .mail_and_recipient()
                             .client("RSET")
                             .server("250 2.5.0 Ok.")
                             .client("RCPT TO:<a@b>")
                             .server("503 5.5.1 No MAIL FROM: command has been given.")
                             .mail_and_recipient()
                             .run();
    EXPECT_EQ(
        outcome.actions, (Strings{
                             "AskMail <a@b.example>", "AskRecipient <c@d.example>", "Abort reset",
                             "AskMail <a@b.example>", "AskRecipient <c@d.example>"})
    );
}

TEST(SmtpServer, ASecondHelloIsAReset) {
    const auto outcome = dialog().hello().mail_and_recipient().hello().run();
    EXPECT_EQ(outcome.actions.back(), "Abort reset");
}

TEST(SmtpServer, NoopAndHelpAnswer) {
    dialog()
        .client("NOOP")
        .server("250 2.5.0 Ok.")
        .client("NOOP with text")
        .server("250 2.5.0 Ok.")
        .client("HELP")
        .server_starts("214-2.3.0 Commands: EHLO HELO MAIL")
        .server_starts("214 2.3.0 ")
        .run();
}

TEST(SmtpServer, AsksForVrfy) {
    const auto outcome = dialog()
                             .client("VRFY someone@b")
                             .server("250 2.1.5 someone@b")
                             .client("VRFY")
                             .server("501 5.5.2 Syntax error in parameters or arguments")
                             .run();
    EXPECT_EQ(outcome.actions.front(), "AskVerify someone@b");
}

TEST(SmtpServer, HidesVrfyAsConfigured) {
    for (const auto& [policy, hide, vague] : {
             std::tuple{VerifyPolicy::allow, true, false},
             std::tuple{VerifyPolicy::by_default, false, false},
             std::tuple{VerifyPolicy::by_default, true, true},
             std::tuple{VerifyPolicy::hide, false, true},
         }) {
        auto settings = test_server_settings();
        settings.verify = policy;
        settings.hide_verify = hide;
        const auto outcome =
            dialog(settings)
                .client("VRFY a@b")
                .server(vague ? "252 2.5.0 Possible local address a@b" : "250 2.1.5 a@b")
                .run();
        EXPECT_EQ(outcome.actions.front(), vague ? "AskVerify a@b vague" : "AskVerify a@b");
    }
}

TEST(SmtpServer, ExpandsOnlyWhereAllowed) {
    for (const auto& [policy, disabled, allowed] : {
             std::tuple{ExpandPolicy::allow, true, true},
             std::tuple{ExpandPolicy::by_default, false, true},
             std::tuple{ExpandPolicy::by_default, true, false},
             std::tuple{ExpandPolicy::disable, false, false},
         }) {
        auto settings = test_server_settings();
        settings.expand = policy;
        settings.disable_expand = disabled;
        dialog(settings)
            .client("EXPN staff")
            .server(allowed ? "250 2.1.5 staff" : "550 5.7.2 EXPN command has been disabled")
            .run();
    }
}

TEST(SmtpServer, AsksForEtrn) {
    auto settings = test_server_settings();
    settings.etrns_per_session = 3;
    const auto outcome = dialog(settings)
                             .client("ETRN host.example")
                             .server("252 2.5.0 pending messages started")
                             .client("ETRN @math.ucsb.edu")
                             .server("252 2.5.0 pending messages started")
                             .client("ETRN #tcp_local")
                             .server("252 2.5.0 pending messages started")
                             .client("ETRN one.more")
                             .server("458 4.7.1 ETRN session limit reached")
                             .client("ETRN")
                             .server("501 5.5.2 Syntax error in parameters or arguments")
                             .run();
    EXPECT_EQ(outcome.actions[1], "AskEtrn @math.ucsb.edu");
}

TEST(SmtpServer, RefusesEtrnInATransactionOrWhenOff) {
    dialog()
        .hello()
        .mail_and_recipient()
        .client("ETRN a.b")
        .server("503 5.5.1 ETRN is not allowed during a mail transaction.")
        .run();
    auto settings = test_server_settings();
    settings.etrn = false;
    dialog(settings).client("ETRN a.b").server("502 5.5.1 ETRN command is not implemented").run();
}

TEST(SmtpServer, QsndIsEtrnWhenEnabled) {
    dialog().client("QSND a.b").server("500 5.5.1 Unknown command \"QSND\" specified").run();
    auto settings = test_server_settings();
    settings.qsnd = true;
    const auto outcome =
        dialog(settings).client("QSND a.b").server("252 2.5.0 pending messages started").run();
    EXPECT_EQ(outcome.actions.front(), "AskEtrn a.b");
}

TEST(SmtpServer, SaysThatPrivateCommandsAreDisabled) {
    dialog()
        .client("XADR a@b")
        .server("550 5.7.0 XADR command has been disabled.")
        .client("XSTA tcp_local")
        .server("550 5.7.0 XSTA command has been disabled.")
        .client("XCIR")
        .server("550 5.7.0 XCIR command has been disabled.")
        .client("XGEN")
        .server("550 5.7.0 XGEN command has been disabled.")
        .client("SEND FROM:<a@b>")
        .server("550 5.7.2 SEND/SAML/SOML commands have been disabled.")
        .client("SAML FROM:<a@b>")
        .server("550 5.7.2 SEND/SAML/SOML commands have been disabled.")
        .client("SOML FROM:<a@b>")
        .server("550 5.7.2 SEND/SAML/SOML commands have been disabled.")
        .client("TURN")
        .server("502 5.5.1 TURN command is not implemented")
        .client("ATRN")
        .server("502 5.5.1 ATRN command is not implemented")
        .client("BDAT 1")
        .server("502 5.5.1 BDAT command is not implemented")
        .client("AUTH PLAIN")
        .server("502 5.5.1 AUTH command is not implemented")
        .client("STARTTLS")
        .server("502 5.5.1 STARTTLS command is not implemented")
        .run();
}

TEST(SmtpServer, AsksForPrivateCommandsWhenEnabled) {
    auto settings = test_server_settings();
    settings.xadr = settings.xsta = settings.xcir = settings.xgen = settings.send_commands = true;
    const auto outcome = dialog(settings)
                             .client("XADR a@b")
                             .server("250 2.5.0 XADR answer")
                             .client("XSTA tcp_local")
                             .server("250 2.5.0 XSTA answer")
                             .client("XCIR")
                             .server("250 2.5.0 XCIR answer")
                             .client("XGEN")
                             .server("250 2.5.0 XGEN answer")
                             .client("soml FROM:<a@b>")
                             .server("502 5.5.1 SOML command is not implemented")
                             .run();
    EXPECT_EQ(
        outcome.actions, (Strings{
                             "AskPrivate XADR a@b", "AskPrivate XSTA tcp_local", "AskPrivate XCIR ",
                             "AskPrivate XGEN "})
    );
}

TEST(SmtpServer, RefusesBareLineEndsInCommands) {
    const auto outcome = dialog()
                             .hello()
                             .mail_and_recipient()
                             .raw("NOOP\nRSET\r\n")
                             .server("500 5.5.2 Command line does not end with CR LF")
                             .raw("NOOP\rRSET\r\n")
                             .server("500 5.5.2 Command line does not end with CR LF")
                             .client("NOOP")
                             .server("250 2.5.0 Ok.")
                             .run();
    for (const std::string& action : outcome.actions) EXPECT_NE(action, "Abort reset");
}

TEST(SmtpServer, AcceptsOtherLineEndsWhenToldSo) {
    auto settings = test_server_settings();
    settings.line_endings = LineEndings::any;
    const auto outcome = dialog(settings)
                             .raw("EHLO x\n")
                             .server_starts("250-")
                             .rest_of_reply()
                             .raw("MAIL FROM:<a@b>\rRCPT TO:<c@d>\nDATA\r\n")
                             .server_starts("250 ")
                             .server_starts("250 ")
                             .server_starts("354 ")
                             .raw("a\nb\n.\nc\rd\r\n.\r\n")
                             .server_starts("250 ")
                             .run();
    EXPECT_EQ(outcome.messages, Strings{"a\r\nb\r\n.\r\nc\r\nd\r\n"});
}

TEST(SmtpServer, RefusesControlsAndEightBitInCommands) {
    dialog()
        .raw(std::string("NOOP \0\r\n", 8))
        .server("500 5.5.2 Command contains control characters")
        .client("NOOP \x1b[2J")
        .server("500 5.5.2 Command contains control characters")
        .client("NOOP j\xc3\xb6rg")
        .server("500 5.5.2 Command contains 8-bit characters")
        .client("NOOP\ttab")
        .server("250 2.5.0 Ok.")
        .run();
}

TEST(SmtpServer, TakesUtf8AddressesOnlyWhenAnnounced) {
    auto settings = test_server_settings();
    settings.smtputf8 = true;
    dialog(settings)
        .hello()
        .client("MAIL FROM:<j\xc3\xb6rg@b>")
        .server("553 5.6.7 Address needs SMTPUTF8")
        .client("MAIL FROM:<a@b>")
        .server("250 2.5.0 Address OK.")
        .client("RCPT TO:<j\xc3\xb6rg@b>")
        .server("553 5.6.7 Address needs SMTPUTF8")
        .client("RSET")
        .server("250 2.5.0 Ok.")
        .client("MAIL FROM:<j\xc3\xb6rg@b> SMTPUTF8")
        .server("250 2.5.0 Address and options OK.")
        .client("RCPT TO:<j\xc3\xb6rg@b>")
        .server("250 2.1.5 j\xc3\xb6rg@b OK.")
        .run();
}

TEST(SmtpServer, VerifiesUtf8AddressesWhereTheClientReadsThem) {
    auto settings = test_server_settings();
    settings.smtputf8 = true;
    dialog(settings)
        .hello()
        .client("VRFY j\xc3\xb6rg@b")
        .server("553 5.6.7 Address needs SMTPUTF8")
        .client("VRFY j\xc3\xb6rg@b smtputf8")
        .server("250 2.1.5 j\xc3\xb6rg@b")
        .client("VRFY \xff@b SMTPUTF8")
        .server("553 5.6.7 Address needs SMTPUTF8")
        .client("VRFY SMTPUTF8")
        .server("250 2.1.5 SMTPUTF8")
        .run();
}

TEST(SmtpServer, TakesHostNamesInAsciiOnly) {
    auto settings = test_server_settings();
    settings.smtputf8 = true;
    dialog(settings)
        .client("EHLO m\xc3\xbcnchen.example")
        .server("501 5.5.2 Syntax error in parameters or arguments")
        .run();
}

TEST(SmtpServer, DoesStartTls) {
    auto settings = test_server_settings();
    settings.starttls = settings.tls_required = true;
    settings.auth_mechanisms = {"PLAIN"};
    const auto outcome = dialog(settings)
                             .hello()
                             .client("MAIL FROM:<a@b>")
                             .server("530 5.7.0 Must issue a STARTTLS command first.")
                             .client("AUTH PLAIN AGEAYg==")
                             .server("530 5.7.0 Must issue a STARTTLS command first.")
                             .client("STARTTLS")
                             .server("220 2.5.0 Go ahead with TLS negotiation.")
                             .call([](ServerSession& session) {
                                 EXPECT_EQ(session.waiting(), ServerSession::Waiting::tls);
                                 session.tls_started();
                                 EXPECT_EQ(session.hello_name(), "");
                             })
                             .client("MAIL FROM:<a@b>")
                             .server("503 5.5.1 No HELO or EHLO command has been given.")
                             .client("EHLO client.example")
                             .server("250-mail.sesta.com")
                             .server("250-8BITMIME")
                             .server("250-PIPELINING")
                             .server("250-DSN")
                             .server("250-ENHANCEDSTATUSCODES")
                             .server("250-EXPN")
                             .server("250-HELP")
                             .server("250-AUTH PLAIN")
                             .server("250-ETRN")
                             .server("250 SIZE 0")
                             .client("STARTTLS")
                             .server("503 5.5.1 TLS is already active.")
                             .mail_and_recipient()
                             .run();
    EXPECT_EQ(outcome.actions.front(), "StartTls");
}

TEST(SmtpServer, RefusesCommandsSentAlongWithEhlo) {
    auto outcome = dialog()
                       .client("EHLO client.example")
                       .client("MAIL FROM:<a@b>")
                       .client("NOOP")
                       .server_starts("250-")
                       .rest_of_reply()
                       .server("503 5.5.1 Command sent before the reply to the one before it")
                       .server("503 5.5.1 Command sent before the reply to the one before it")
                       .client("MAIL FROM:<a@b>")
                       .server("250 2.5.0 Address OK.")
                       .run_once({});
    EXPECT_EQ(outcome.actions.size(), 3U);  // two bad commands, one question
    auto settings = test_server_settings();
    settings.refuse_early_pipelining = false;
    dialog(settings)
        .client("EHLO client.example")
        .client("MAIL FROM:<a@b>")
        .server_starts("250-")
        .rest_of_reply()
        .server("250 2.5.0 Address OK.")
        .run();
}

TEST(SmtpServer, DoesAuth) {
    auto settings = test_server_settings();
    settings.auth_mechanisms = {"PLAIN", "LOGIN"};
    settings.auth_without_tls = settings.auth_mechanisms;
    settings.auth_required = true;
    const auto outcome = dialog(settings)
                             .client("AUTH LOGIN")
                             .server("503 5.5.1 No HELO or EHLO command has been given.")
                             .hello()
                             .client("MAIL FROM:<a@b>")
                             .server("530 5.7.0 No AUTH command has been given.")
                             .client("AUTH GSSAPI")
                             .server("504 5.5.4 Unrecognized authentication mechanism")
                             .client("AUTH")
                             .server("501 5.5.2 Syntax error in parameters or arguments")
                             .client("AUTH login")
                             .server("334 VXNlcjo=")
                             .client("dXNlcg==")
                             .server("235 2.7.0 LOGIN authentication successful.")
                             .client("AUTH LOGIN")
                             .server("503 5.5.1 Already authenticated.")
                             .mail_and_recipient()
                             .run();
    EXPECT_EQ(outcome.actions[1], "AskAuth LOGIN");
    EXPECT_EQ(outcome.actions[2], "AuthResponse");
}

TEST(SmtpServer, KeepsAuthPayloadOutOfTheLog) {
    auto settings = test_server_settings();
    settings.auth_mechanisms = {"PLAIN"};
    settings.auth_without_tls = settings.auth_mechanisms;
    auto outcome = dialog(settings)
                       .hello()
                       .client("AUTH PLAIN SECRET SECRET")
                       .server("501 5.5.2 Syntax error in parameters or arguments")
                       .client("AUTH PLAIN " + std::string(5000, 'S'))
                       .server("500 5.5.2 Command line too long")
                       .run_once({});
    for (const std::string& action : outcome.actions) {
        EXPECT_EQ(action.find("SECRET"), std::string::npos) << action;
        EXPECT_EQ(action.find("SSSS"), std::string::npos) << action;
    }
    // Sent along with AUTH: refused unread.
    outcome = dialog(settings)
                  .hello()
                  .client("AUTH PLAIN")
                  .client("SECRET")
                  .server("503 5.5.1 Command sent before the reply to the one before it")
                  .server("503 5.5.1 Command sent before the reply to the one before it")
                  .run_once({});
    for (const std::string& action : outcome.actions)
        EXPECT_EQ(action.find("SECRET"), std::string::npos) << action;
}

// RFC 4954 section 6; a password in the clear is asked for by nobody.
TEST(SmtpServer, OffersOnlyWhatTheConnectionIsFitFor) {
    auto settings = test_server_settings();
    settings.starttls = true;
    settings.auth_mechanisms = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "EXTERNAL", "PLAIN"};
    settings.auth_without_tls = {"SCRAM-SHA-256"};
    const auto offered = [](ServerSession& session) {
        std::string_view input = "EHLO a.example\r\n";
        session.feed(input);
        const std::string reply = session.take_output();
        const std::size_t at = reply.find("AUTH ");
        return reply.substr(at, reply.find('\r', at) - at);
    };
    ServerSession session(std::make_shared<const ServerSettings>(settings));
    session.greet();
    (void)session.take_output();
    EXPECT_EQ(offered(session), "AUTH SCRAM-SHA-256");
    std::string_view input = "AUTH PLAIN AGEAYg==\r\n";
    session.feed(input);
    EXPECT_EQ(
        session.take_output(),
        "538 5.7.11 Encryption required for requested authentication mechanism\r\n"
    );
    input = "STARTTLS\r\n";
    session.feed(input);
    (void)session.take_output();
    session.tls_started();
    EXPECT_EQ(offered(session), "AUTH SCRAM-SHA-256 PLAIN");
    session.set_auth_abilities({true, false});
    EXPECT_EQ(offered(session), "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN");
    session.set_auth_abilities({true, true});
    EXPECT_EQ(offered(session), "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 EXTERNAL PLAIN");
}

TEST(SmtpServer, ClosesAfterTooManyFailedAuths) {
    auto settings = test_server_settings();
    settings.auth_mechanisms = {"PLAIN"};
    settings.auth_without_tls = settings.auth_mechanisms;
    settings.disconnect_bad_auth = 2;
    const auto outcome = dialog(settings)
                             .policy([](const ServerAction& action) -> std::optional<Reply> {
                                 if (std::holds_alternative<server_action::AskAuth>(action))
                                     return replies::auth_failed();
                                 return std::nullopt;
                             })
                             .hello()
                             .client("AUTH PLAIN AGEAYg==")
                             .server("535 5.7.8 Bad username or password (Authentication failed).")
                             .client("AUTH PLAIN AGEAYg==")
                             .server("535 5.7.8 Bad username or password (Authentication failed).")
                             .server("421 4.7.0 Too many failed authentications")
                             .run();
    EXPECT_EQ(outcome.actions.back(), "Close too many failed authentications");
}

}  // namespace
}  // namespace sluice::smtp
