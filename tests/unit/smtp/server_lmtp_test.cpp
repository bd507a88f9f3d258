// LMTP (RFC 2033): LHLO, and the outcome of a message for each of its recipients.
#include <gtest/gtest.h>

#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using testing::dialog;
using testing::ServerDialog;
using testing::test_server_settings;
using Strings = std::vector<std::string>;

ServerSettings lmtp_settings() {
    auto settings = test_server_settings();
    settings.lmtp = true;
    settings.chunking = true;
    return settings;
}

std::optional<Reply> knows_but_one(const ServerAction& action) {
    const auto* ask = std::get_if<server_action::AskRecipient>(&action);
    if (ask != nullptr && ask->command.path == "refused@d.example")
        return replies::unknown_user("refused@d.example");
    return std::nullopt;
}

ServerDialog lmtp() {
    ServerDialog script(lmtp_settings());
    script.policy(knows_but_one).client("LHLO front.example").server_starts("250-").rest_of_reply();
    return script;
}

ServerDialog with_two_of_three_recipients() {
    auto script = lmtp();
    script.client("MAIL FROM:<a@b.example>")
        .server("250 2.5.0 Address OK.")
        .client("RCPT TO:<c@d.example>")
        .server("250 2.1.5 c@d.example OK.")
        .client("RCPT TO:<refused@d.example>")
        .server_starts("550")
        .client("RCPT TO:<c@d.example>")
        .server("250 2.1.5 c@d.example OK.");
    return script;
}

TEST(SmtpServerLmtp, GreetsAsWhatItIs) {
    ServerSession session(std::make_shared<const ServerSettings>(lmtp_settings()));
    session.greet();
    EXPECT_EQ(session.take_output(), "220 mail.sesta.com -- Server LMTP (Sluice 0.1)\r\n");
}

TEST(SmtpServerLmtp, IsGreetedByLhloOnly) {
    (void)ServerDialog(lmtp_settings())
        .client("EHLO front.example")
        .server("500 5.5.1 Unknown command \"EHLO\" specified")
        .client("HELO front.example")
        .server("500 5.5.1 Unknown command \"HELO\" specified")
        .client("MAIL FROM:<a@b.example>")
        .server_starts("503")
        .client("LHLO")
        .server_starts("501")
        .client("lhlo front.example")
        .server_starts("250-mail.sesta.com")
        .rest_of_reply()
        .run();
    (void)dialog()
        .client("LHLO front.example")
        .server("500 5.5.1 Unknown command \"LHLO\" specified")
        .run();
}

TEST(SmtpServerLmtp, AnswersForEachRecipient) {
    const auto outcome = with_two_of_three_recipients()
                             .data()
                             .raw("x\r\n.\r\nNOOP\r\n")
                             .server("250 2.5.0 Ok, envelope id E1")
                             .server("250 2.5.0 Ok, envelope id E1")
                             .server("250 2.5.0 Ok.")
                             .run();
    EXPECT_EQ(outcome.messages, Strings{"x\r\n"});
}

TEST(SmtpServerLmtp, AnswersForEachRecipientBehindTheLastChunkOnly) {
    const auto outcome = with_two_of_three_recipients()
                             .raw("BDAT 3\r\nx\r\nBDAT 3 LAST\r\ny\r\nNOOP\r\n")
                             .server("250 2.5.0 Ok, chunk received")
                             .server("250 2.5.0 Ok, envelope id E1")
                             .server("250 2.5.0 Ok, envelope id E1")
                             .server("250 2.5.0 Ok.")
                             .run();
    EXPECT_EQ(outcome.messages, Strings{"x\r\ny\r\n"});
}

TEST(SmtpServerLmtp, RefusesAMessageForEachRecipient) {
    const std::string refusal = "550 5.6.11 Message contains a CR or LF that is not part of CR LF";
    const auto outcome = with_two_of_three_recipients()
                             .data()
                             .raw("x\ny\r\n.\r\nNOOP\r\n")
                             .server(refusal)
                             .server(refusal)
                             .server("250 2.5.0 Ok.")
                             .run();
    EXPECT_EQ(outcome.messages, Strings{});
}

TEST(SmtpServerLmtp, AFailedChunkHasOneReply) {
    (void)with_two_of_three_recipients()
        .raw(
            "BDAT 3\r\nx\ny"
            "BDAT 0 LAST\r\nNOOP\r\n"
        )
        .server("550 5.6.11 Message contains a CR or LF that is not part of CR LF")
        .server_starts("503")
        .server("250 2.5.0 Ok.")
        .run();
}

TEST(SmtpServerLmtp, SaysDataWithoutRecipientsOnce) {
    (void)lmtp()
        .client("MAIL FROM:<a@b.example>")
        .server("250 2.5.0 Address OK.")
        .client("RCPT TO:<refused@d.example>")
        .server_starts("550")
        .client("DATA")
        .server_starts("503")
        .run();
}

}  // namespace
}  // namespace sluice::smtp
