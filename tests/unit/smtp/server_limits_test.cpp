// Every limit of ServerSettings: one below, at it, above it.
#include <gtest/gtest.h>

#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using testing::dialog;
using testing::test_server_settings;
using Strings = std::vector<std::string>;

TEST(SmtpServerLimits, CommandLineOf512Octets) {
    dialog()
        .client("NOOP " + std::string(505, 'x'))
        .server("250 2.5.0 Ok.")
        .client("NOOP " + std::string(506, 'x'))
        .server("500 5.5.2 Command line too long")
        .client("NOOP")
        .server("250 2.5.0 Ok.")
        .run_once({});
}

TEST(SmtpServerLimits, CommandLineOf4096OctetsWithExtensions) {
    const std::string start = "VRFY ";
    for (const auto kind : {testing::Cut::Kind::whole, testing::Cut::Kind::octets})
        dialog()
            .client(start + std::string(4094 - start.size(), 'x'))
            .server_starts("250 ")
            .client(start + std::string(4095 - start.size(), 'x'))
            .server("500 5.5.2 Command line too long")
            .client("NOOP")
            .server("250 2.5.0 Ok.")
            .run_once({kind});
}

TEST(SmtpServerLimits, AddressLengths) {
    const std::string longest(512, 'x');
    dialog()
        .hello()
        .client("MAIL FROM:<" + longest + "x@b>")
        .server("501 5.1.7 Syntax error in the sender's address")
        .client("MAIL FROM:<" + longest + "@b>")
        .server("250 2.5.0 Address OK.")
        .client("RCPT TO:<a@" + std::string(260, 'y') + ">")
        .server("501 5.1.3 Syntax error in the recipient's address")
        .run_once({});
}

TEST(SmtpServerLimits, EndlessCommandLine) {
    auto settings = test_server_settings();
    settings.command_discard_ceiling = 10000;
    const auto outcome = dialog(settings)
                             .raw(std::string(20000, 'x'))
                             .server("500 5.5.2 Command line too long")
                             .server("421 4.7.0 Input without end")
                             .run_once({testing::Cut::Kind::octets});
    EXPECT_EQ(outcome.actions.back(), "Close endless input");
}

TEST(SmtpServerLimits, HelloDomainLength) {
    const std::string name(300, 'h');
    dialog().client("EHLO " + name).server_starts("250-").rest_of_reply().run_once({});
    auto settings = test_server_settings();
    settings.max_hello_domain = 299;
    dialog(settings)
        .client("EHLO " + name)
        .server("501 5.5.2 Syntax error in parameters or arguments: domain too long")
        .client("EHLO " + name.substr(1))
        .server_starts("250-")
        .rest_of_reply()
        .run_once({});
}

TEST(SmtpServerLimits, BadCommandsInTheLog) {
    auto settings = test_server_settings();
    settings.max_b_entries = 2;
    auto script = dialog(settings);
    for (int i = 0; i < 4; ++i)
        script.client("FOO").server("500 5.5.1 Unknown command \"FOO\" specified");
    const auto outcome = script.run();
    EXPECT_EQ(
        outcome.actions,
        (Strings{
            "BadCommand \"FOO\": 500 5.5.1 Unknown command \"FOO\" specified",
            "BadCommand \"FOO\" last: 500 5.5.1 Unknown command \"FOO\" specified"})
    );
}

TEST(SmtpServerLimits, BadCommandsOfAConnection) {
    auto script = dialog();
    for (int i = 0; i < 20; ++i)
        script.client("FOO").server("500 5.5.1 Unknown command \"FOO\" specified");
    const auto outcome = script.server("421 4.7.0 Too many bad commands").run();
    EXPECT_EQ(outcome.actions.back(), "Close too many bad commands");
}

TEST(SmtpServerLimits, EchoedTextIsCutAndSanitised) {
    const std::string verb(300, 'F');
    dialog()
        .client(verb)
        .server("500 5.5.1 Unknown command \"" + verb.substr(0, 249) + "...\" specified")
        .run_once({});
}

TEST(SmtpServerLimits, RecipientsOfATransaction) {
    auto settings = test_server_settings();
    settings.recipients_per_transaction = 2;
    const auto outcome = dialog(settings)
                             .hello()
                             .client("MAIL FROM:<a@b>")
                             .client("RCPT TO:<1@b>")
                             .client("RCPT TO:<2@b>")
                             .client("RCPT TO:<3@b>")
                             .client("DATA")
                             .server_starts("250 ")
                             .server("250 2.1.5 1@b OK.")
                             .server("250 2.1.5 2@b OK.")
                             .server("452 4.5.3 Too many recipients specified")
                             .server_starts("354 ")
                             .raw("x\r\n.\r\n")
                             .server_starts("250 ")
                             .client("MAIL FROM:<a@b>")
                             .server_starts("250 ")
                             .client("RCPT TO:<3@b>")
                             .server("250 2.1.5 3@b OK.")
                             .run();
    EXPECT_EQ(
        outcome.actions[3], "Refused recipient <3@b>: 452 4.5.3 Too many recipients specified"
    );
}

TEST(SmtpServerLimits, VrfyCountsAsARecipient) {
    auto settings = test_server_settings();
    settings.recipients_per_transaction = 2;
    dialog(settings)
        .hello()
        .client("MAIL FROM:<a@b>")
        .server_starts("250 ")
        .client("VRFY x")
        .server_starts("250 ")
        .client("RCPT TO:<1@b>")
        .server_starts("250 ")
        .client("RCPT TO:<2@b>")
        .server("452 4.5.3 Too many recipients specified")
        .client("VRFY y")
        .server("452 4.5.3 Too many recipients specified")
        .run();
}

TEST(SmtpServerLimits, DefaultIs128Recipients) {
    std::string commands;
    auto script = dialog().hello().client("MAIL FROM:<a@b>").server_starts("250 ");
    for (int i = 0; i < 128; ++i) script.client("RCPT TO:<a@b>").server("250 2.1.5 a@b OK.");
    script.client("RCPT TO:<a@b>").server("452 4.5.3 Too many recipients specified").run_once({});
}

TEST(SmtpServerLimits, TenThousandRecipientsInOneGroup) {
    auto settings = test_server_settings();
    settings.recipients_per_transaction.reset();
    std::string commands = "MAIL FROM:<a@b>\r\n";
    for (int i = 0; i < 10000; ++i) commands += "RCPT TO:<" + std::to_string(i) + "@b>\r\n";
    auto script = dialog(settings).hello().raw(commands).server_starts("250 ");
    for (int i = 0; i < 10000; ++i) script.server("250 2.1.5 " + std::to_string(i) + "@b OK.");
    EXPECT_EQ(script.run_once({}).actions.size(), 10001U);
}

TEST(SmtpServerLimits, OutputIsFlushedBeforeItGrows) {
    ServerSession session(std::make_shared<const ServerSettings>(test_server_settings()));
    session.greet();
    std::string commands;
    for (int i = 0; i < 10000; ++i) commands += "HELP\r\n";
    std::string_view input = commands;
    std::size_t flushes = 0;
    while (true) {
        const ServerAction action = session.feed(input);
        const std::string output = session.take_output();
        EXPECT_LT(output.size(), 20000U);
        if (std::holds_alternative<server_action::NeedInput>(action)) break;
        ASSERT_TRUE(std::holds_alternative<server_action::Flush>(action));
        ++flushes;
    }
    EXPECT_GT(flushes, 10U);
}

TEST(SmtpServerLimits, TooManyRecipientsRefuseTheMessage) {
    auto settings = test_server_settings();
    settings.refused_above_recipients = 2;
    const auto outcome = dialog(settings)
                             .hello()
                             .client("MAIL FROM:<a@b>")
                             .client("RCPT TO:<1@b>")
                             .client("RCPT TO:<2@b>")
                             .client("RCPT TO:<3@b>")
                             .client("DATA")
                             .server_starts("250 ")
                             .server_starts("250 ")
                             .server_starts("250 ")
                             .server_starts("250 ")
                             .server("550 5.5.3 Too many recipients specified")
                             .client("RCPT TO:<3@b>")
                             .server("503 5.5.1 No MAIL FROM: command has been given.")
                             .run();
    EXPECT_EQ(outcome.actions.back(), "Abort refused: 550 5.5.3 Too many recipients specified");
}

TEST(SmtpServerLimits, RecipientsOfAConnection) {
    auto settings = test_server_settings();
    settings.recipients_per_session = 2;
    dialog(settings)
        .hello()
        .mail_and_recipient()
        .client("RSET")
        .server_starts("250 ")
        .mail_and_recipient()
        .client("RCPT TO:<x@y>")
        .server("452 4.5.3 Too many recipients specified")
        .run();
}

TEST(SmtpServerLimits, DisconnectAfterRecipients) {
    auto settings = test_server_settings();
    settings.disconnect_recipients = 1;
    auto outcome = dialog(settings)
                       .hello()
                       .mail_and_recipient()
                       .client("RSET")
                       .server("421 4.7.0 Too many recipients in this connection")
                       .run();
    EXPECT_EQ(outcome.actions.back(), "Close too many recipients");
    dialog(settings)
        .hello()
        .mail_and_recipient()
        .data()
        .raw(".\r\n")
        .server_starts("250 ")
        .client("MAIL FROM:<a@b>")
        .server("421 4.7.0 Too many recipients in this connection")
        .run();
}

TEST(SmtpServerLimits, MessagesOfAConnection) {
    auto settings = test_server_settings();
    settings.transactions_per_session = 1;
    const auto outcome = dialog(settings)
                             .hello()
                             .mail_and_recipient()
                             .data()
                             .raw(".\r\n")
                             .server_starts("250 ")
                             .client("MAIL FROM:<a@b>")
                             .server("421 4.7.0 Too many messages in this connection")
                             .run();
    EXPECT_EQ(outcome.actions.back(), "Close too many messages");
}

TEST(SmtpServerLimits, MessagesOfAConnectionWithoutDisconnect) {
    auto settings = test_server_settings();
    settings.transaction_limit = 1;
    dialog(settings)
        .hello()
        .mail_and_recipient()
        .client("RSET")
        .server_starts("250 ")
        .client("MAIL FROM:<a@b>")
        .server("450 4.5.3 Too many messages in this connection")
        .client("QUIT")
        .server_starts("221 ")
        .run();
}

ServerSettings refusing_settings() {
    return test_server_settings();
}
std::optional<Reply> refuse_bad(const ServerAction& action) {
    const auto* ask = std::get_if<server_action::AskRecipient>(&action);
    if (ask == nullptr || ask->command.path.substr(0, 3) != "bad") return std::nullopt;
    return replies::unknown_alias(ask->command.path);
}

TEST(SmtpServerLimits, RejectionsBeforeDeferral) {
    auto settings = refusing_settings();
    settings.rejections_before_deferral = 2;
    dialog(settings)
        .policy(refuse_bad)
        .hello()
        .client("MAIL FROM:<a@b>")
        .server_starts("250 ")
        .client("RCPT TO:<bad1@b>")
        .server("550 5.1.1 unknown or illegal alias: bad1@b")
        .client("RCPT TO:<good@b>")
        .server("250 2.1.5 good@b OK.")
        .client("RCPT TO:<bad2@b>")
        .server("550 5.1.1 unknown or illegal alias: bad2@b")
        .client("RCPT TO:<good@b>")
        .server("450 4.7.1 Too many rejected recipients, try again later")
        .client("RCPT TO:<bad3@b>")
        .server("450 4.7.1 Too many rejected recipients, try again later")
        .client("RSET")  // it counts for the connection
        .server_starts("250 ")
        .client("MAIL FROM:<a@b>")
        .server_starts("250 ")
        .client("RCPT TO:<good@b>")
        .server("450 4.7.1 Too many rejected recipients, try again later")
        .run();
}

TEST(SmtpServerLimits, DisconnectAfterRejections) {
    auto settings = refusing_settings();
    settings.disconnect_rejections = 2;
    const auto outcome = dialog(settings)
                             .policy(refuse_bad)
                             .hello()
                             .client("MAIL FROM:<a@b>")
                             .client("RCPT TO:<bad@b>")
                             .client("RCPT TO:<bad@b>")
                             .client("RCPT TO:<good@b>")
                             .server_starts("250 ")
                             .server_starts("550 ")
                             .server_starts("550 ")
                             .server("421 4.7.0 Too many rejected recipients in this connection")
                             .run();
    EXPECT_EQ(outcome.actions.back(), "Close too many rejected recipients");
    EXPECT_EQ(outcome.actions[outcome.actions.size() - 2], "Abort closed");
}

TEST(SmtpServerLimits, EtrnsOfAConnection) {
    dialog()
        .client("ETRN a.b")
        .server_starts("252 ")
        .client("ETRN a.b")
        .server("458 4.7.1 ETRN session limit reached")
        .run();
}

}  // namespace
}  // namespace sluice::smtp
