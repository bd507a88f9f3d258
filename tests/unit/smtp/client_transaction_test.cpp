// Messages over one connection: pipelined and not, refused at every step, one after the other.
#include <gtest/gtest.h>

#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using client_event::Outcome;
using testing::client_dialog;
using testing::ClientDialog;
using testing::message_to;
using testing::test_client_settings;
using Strings = std::vector<std::string>;

ClientDialog plain_peer() {
    return client_dialog().greeting().offers({"ENHANCEDSTATUSCODES"});
}
ClientDialog pipelining_peer() {
    return client_dialog().greeting().offers({"PIPELINING", "ENHANCEDSTATUSCODES"});
}

TEST(SmtpClientTransaction, SendsAMessageStepByStep) {
    const auto outcome = plain_peer()
                             .message(message_to({"c@d", "e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .server("250 2.1.0 ok")
                             .client("RCPT TO:<c@d>")
                             .server("250 2.1.5 c@d and options OK.")
                             .client("RCPT TO:<e@f>")
                             .server("250 2.1.5 e@f OK.")
                             .client("DATA")
                             .server("354 go")
                             .content()
                             .server("250 2.0.0 queued")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events,
        (Strings{
            "Ready", "SendBody", "RecipientDone 0 delivered dot: 250 2.1.5 c@d and options OK.",
            "RecipientDone 1 delivered dot: 250 2.1.5 e@f OK.", "TransactionDone 2", "Finished"})
    );
    EXPECT_EQ(outcome.recipients[0].final_reply.to_text(), "250 2.0.0 queued");
}

TEST(SmtpClientTransaction, PipelinesWhereOffered) {
    const auto outcome = pipelining_peer()
                             .message(message_to({"c@d", "e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<c@d>")
                             .client("RCPT TO:<e@f>")
                             .client("DATA")
                             .server("250 ok")
                             .server("250 ok")
                             .server("550 5.1.1 unknown user")
                             .server("354 go")
                             .content()
                             .server("250 2.0.0 queued")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events,
        (Strings{
            "Ready", "RecipientDone 1 permanent rcpt: 550 5.1.1 unknown user", "SendBody",
            "RecipientDone 0 delivered dot: 250 ok", "TransactionDone 1", "Finished"})
    );
}

TEST(SmtpClientTransaction, DoesNotPipelineWhenToldSo) {
    auto settings = test_client_settings();
    settings.pipelining = false;
    client_dialog(settings)
        .greeting()
        .offers({"PIPELINING"})
        .message(message_to({"c@d"}))
        .client("MAIL FROM:<a@b.example>")
        .server("250 ok")
        .client("RCPT TO:<c@d>")
        .server("250 ok")
        .client("DATA")
        .server("354 go")
        .content()
        .server("250 ok")
        .quit()
        .run();
}

TEST(SmtpClientTransaction, ReusesTheConnectionWithoutReset) {
    const auto outcome = pipelining_peer()
                             .message(message_to({"c@d"}))
                             .message(message_to({"e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<c@d>")
                             .client("DATA")
                             .server("250 ok")
                             .server("250 ok")
                             .server("354 go")
                             .content()
                             .server("250 ok")
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<e@f>")
                             .client("DATA")
                             .server("250 ok")
                             .server("250 ok")
                             .server("354 go")
                             .content()
                             .server("250 ok")
                             .quit()
                             .run();
    EXPECT_EQ(outcome.recipients.size(), 2U);
}

TEST(SmtpClientTransaction, ResetsAfterARefusedMail) {
    const auto outcome = plain_peer()
                             .message(message_to({"c@d"}))
                             .message(message_to({"e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .server("550 5.7.1 not you")
                             .client("RSET")
                             .server("250 ok")
                             .client("MAIL FROM:<a@b.example>")
                             .server("450 4.7.1 not now")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events,
        (Strings{
            "Ready", "RecipientDone 0 permanent mail: 550 5.7.1 not you", "TransactionDone 0",
            "RecipientDone 0 temporary mail: 450 4.7.1 not now", "TransactionDone 0", "Finished"})
    );
}

TEST(SmtpClientTransaction, ARefusedMailInAPipelinedGroup) {
    const auto outcome = pipelining_peer()
                             .message(message_to({"c@d"}))
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<c@d>")
                             .client("DATA")
                             .server("550 5.7.1 not you")
                             .server("503 5.5.1 no MAIL")
                             .server("503 5.5.1 no MAIL")
                             .quit()
                             .run();
    EXPECT_EQ(outcome.events[1], "RecipientDone 0 permanent mail: 550 5.7.1 not you");
    EXPECT_EQ(outcome.recipients.size(), 1U);
}

// RFC 2920 section 3.1: DATA was on its way, nobody was accepted, and the peer says 354.
TEST(SmtpClientTransaction, SendsALoneDotWhenNobodyWasAccepted) {
    const auto outcome = pipelining_peer()
                             .message(message_to({"c@d"}))
                             .message(message_to({"e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<c@d>")
                             .client("DATA")
                             .server("250 ok")
                             .server("550 5.1.1 unknown")
                             .server("354 go")
                             .client(".")
                             .server("554 5.5.1 no valid recipients")
                             .client("RSET")
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<e@f>")
                             .client("DATA")
                             .server("250 ok")
                             .server("250 ok")
                             .server("250 ok")
                             .server("354 go")
                             .content()
                             .server("250 ok")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events,
        (Strings{
            "Ready", "RecipientDone 0 permanent rcpt: 550 5.1.1 unknown", "TransactionDone 0",
            "SendBody", "RecipientDone 0 delivered dot: 250 ok", "TransactionDone 1", "Finished"})
    );
}

TEST(SmtpClientTransaction, SendsNoDataWhenNobodyWasAccepted) {
    const auto outcome = plain_peer()
                             .message(message_to({"c@d", "e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .server("250 ok")
                             .client("RCPT TO:<c@d>")
                             .server("550 5.1.1 unknown")
                             .client("RCPT TO:<e@f>")
                             .server("450 4.2.0 later")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events,
        (Strings{
            "Ready", "RecipientDone 0 permanent rcpt: 550 5.1.1 unknown",
            "RecipientDone 1 temporary rcpt: 450 4.2.0 later", "TransactionDone 0", "Finished"})
    );
}

struct DataRow {
    const char* name;
    const char* reply;
    const char* expected;
};
class RefusedData : public ::testing::TestWithParam<DataRow> {};

TEST_P(RefusedData, FailsTheAcceptedRecipients) {
    const auto outcome = plain_peer()
                             .message(message_to({"c@d"}))
                             .client("MAIL FROM:<a@b.example>")
                             .server("250 ok")
                             .client("RCPT TO:<c@d>")
                             .server("250 ok")
                             .client("DATA")
                             .server(GetParam().reply)
                             .quit()
                             .run();
    EXPECT_EQ(outcome.events[1], GetParam().expected);
    EXPECT_EQ(outcome.events[2], "TransactionDone 0");
}

INSTANTIATE_TEST_SUITE_P(
    Replies,
    RefusedData,
    ::testing::Values(
        DataRow{"temporary", "451 4.3.0 later", "RecipientDone 0 temporary data: 451 4.3.0 later"},
        DataRow{"permanent", "554 5.7.1 never", "RecipientDone 0 permanent data: 554 5.7.1 never"}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

class RefusedDot : public ::testing::TestWithParam<DataRow> {};

TEST_P(RefusedDot, FailsTheAcceptedRecipients) {
    const auto outcome = plain_peer()
                             .message(message_to({"c@d", "bad@d", "e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .server("250 ok")
                             .client("RCPT TO:<c@d>")
                             .server("250 ok")
                             .client("RCPT TO:<bad@d>")
                             .server("550 5.1.1 unknown")
                             .client("RCPT TO:<e@f>")
                             .server("250 ok")
                             .client("DATA")
                             .server("354 go")
                             .content()
                             .server(GetParam().reply)
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events,
        (Strings{
            "Ready", "RecipientDone 1 permanent rcpt: 550 5.1.1 unknown", "SendBody",
            "RecipientDone 0 " + std::string(GetParam().expected),
            "RecipientDone 2 " + std::string(GetParam().expected), "TransactionDone 0", "Finished"})
    );
}

INSTANTIATE_TEST_SUITE_P(
    Replies,
    RefusedDot,
    ::testing::Values(
        DataRow{"temporary", "452 4.3.1 full", "temporary dot: 452 4.3.1 full"},
        DataRow{"permanent", "550 5.7.1 virus", "permanent dot: 550 5.7.1 virus"}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(SmtpClientTransaction, A552ToRcptIsTemporaryUnlessListed) {
    auto settings = test_client_settings();
    settings.permanent_552 = {"5.2.2 mailbox full for ever"};
    const auto outcome = client_dialog(settings)
                             .greeting()
                             .offers({})
                             .message(message_to({"c@d", "e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .server("250 ok")
                             .client("RCPT TO:<c@d>")
                             .server("552 5.2.2 too many recipients")
                             .client("RCPT TO:<e@f>")
                             .server("552 5.2.2 mailbox full for ever")
                             .quit()
                             .run();
    EXPECT_EQ(outcome.recipients[0].outcome, Outcome::temporary);
    EXPECT_EQ(outcome.recipients[1].outcome, Outcome::permanent);
}

TEST(SmtpClientTransaction, SendsParametersThatAreOffered) {
    auto message = message_to({"c@d"});
    message.envelope.size = 20;
    message.envelope.eight_bit = true;
    message.envelope.ret = Ret::headers;
    message.envelope.envid = "QQ1";
    message.envelope.recipients[0].notify.success = true;
    message.envelope.recipients[0].notify.failure = true;
    message.envelope.recipients[0].orcpt = "rfc822;x@y";
    client_dialog()
        .greeting()
        .offers({"SIZE 100", "8BITMIME", "DSN", "PIPELINING"})
        .message(message)
        .client("MAIL FROM:<a@b.example> SIZE=20 BODY=8BITMIME RET=HDRS ENVID=QQ1")
        .client("RCPT TO:<c@d> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;x@y")
        .client("DATA")
        .server("250 ok")
        .server("250 ok")
        .server("354 go")
        .content()
        .server("250 ok")
        .quit()
        .run();
    message.envelope.eight_bit = false;
    client_dialog()
        .greeting()
        .offers({"PIPELINING"})
        .message(message)
        .client("MAIL FROM:<a@b.example>")
        .client("RCPT TO:<c@d>")
        .client("DATA")
        .server("250 ok")
        .server("250 ok")
        .server("354 go")
        .content()
        .server("250 ok")
        .quit()
        .run();
}

TEST(SmtpClientTransaction, FailsLocallyWhatThePeerCannotTake) {
    auto big = message_to({"c@d"});
    big.envelope.size = 101;
    auto eight_bit = message_to({"c@d"});
    eight_bit.envelope.eight_bit = true;
    auto utf8 = message_to({"c@d"});
    utf8.envelope.smtputf8 = true;
    auto injected_sender = message_to({"c@d"});
    injected_sender.envelope.sender = "a@b>\r\nRCPT TO:<x@y";
    const auto outcome = client_dialog()
                             .greeting()
                             .offers({"SIZE 100"})
                             .message(big)
                             .message(eight_bit)
                             .message(utf8)
                             .message(injected_sender)
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events,
        (Strings{
            "Ready", "RecipientDone 0 permanent idle: message is larger than the remote host takes",
            "TransactionDone 0",
            "RecipientDone 0 permanent idle: remote host does not take 8-bit content",
            "TransactionDone 0",
            "RecipientDone 0 permanent idle: remote host does not take UTF-8 addresses",
            "TransactionDone 0",
            "RecipientDone 0 permanent idle: sender or envelope id holds control characters",
            "TransactionDone 0", "Finished"})
    );
    EXPECT_EQ(outcome.recipients[0].reply.status, (StatusCode{5, 3, 4}));
}

TEST(SmtpClientTransaction, ARecipientWithControlsFailsAlone) {
    const auto outcome = plain_peer()
                             .message(message_to({"c@d\r\nDATA", "e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .server("250 ok")
                             .client("RCPT TO:<e@f>")
                             .server("250 ok")
                             .client("DATA")
                             .server("354 go")
                             .content()
                             .server("250 ok")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events[1], "RecipientDone 0 permanent idle: address holds control characters"
    );
    EXPECT_EQ(outcome.events[3], "RecipientDone 1 delivered dot: 250 ok");
}

TEST(SmtpClientTransaction, SendsEightBitAnywayWhenForced) {
    auto settings = test_client_settings();
    settings.force_eight_bit = true;
    auto message = message_to({"c@d"});
    message.envelope.eight_bit = true;
    client_dialog(settings)
        .greeting()
        .offers({})
        .message(message)
        .client("MAIL FROM:<a@b.example>")
        .server("550 no")
        .quit()
        .run();
}

TEST(SmtpClientTransaction, FailsUtf8RecipientsAloneWhereThePeerTakesNone) {
    const auto outcome = client_dialog()
                             .greeting()
                             .offers({"8BITMIME"})
                             .message(message_to({"j\xc3\xb6rg@d", "c@d"}))
                             .client("MAIL FROM:<a@b.example>")
                             .server("250 ok")
                             .client("RCPT TO:<c@d>")
                             .server("550 no")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events.at(1),
        "RecipientDone 0 permanent idle: remote host does not take UTF-8 addresses"
    );
    EXPECT_EQ(outcome.recipients[0].reply.status, (StatusCode{5, 6, 7}));
}

TEST(SmtpClientTransaction, SaysSmtputf8ForARecipient) {
    client_dialog()
        .greeting()
        .offers({"SMTPUTF8"})
        .message(message_to({"j\xc3\xb6rg@d"}))
        .client("MAIL FROM:<a@b.example> SMTPUTF8")
        .server("550 no")
        .quit()
        .run();
}

TEST(SmtpClientTransaction, SendsUtf8WhereOffered) {
    auto message = message_to({"j\xc3\xb6rg@d"});
    message.envelope.smtputf8 = true;
    client_dialog()
        .greeting()
        .offers({"SMTPUTF8", "PIPELINING"})
        .message(message)
        .client("MAIL FROM:<a@b.example> SMTPUTF8")
        .client("RCPT TO:<j\xc3\xb6rg@d>")
        .client("DATA")
        .server("550 no")
        .server("503 no")
        .server("503 no")
        .quit()
        .run();
}

TEST(SmtpClientTransaction, StuffsDotsAndMendsLineEnds) {
    auto message = message_to({"c@d"});
    message.content = ".\n..x\r\ny\rz";
    plain_peer()
        .message(message)
        .client("MAIL FROM:<a@b.example>")
        .server("250 ok")
        .client("RCPT TO:<c@d>")
        .server("250 ok")
        .client("DATA")
        .server("354 go")
        .content({"..", "...x", "y", "z", "."})
        .server("250 ok")
        .quit()
        .run();
}

TEST(SmtpClientTransaction, LmtpGivesEachRecipientItsReply) {
    auto settings = test_client_settings();
    settings.protocol = ClientSettings::Protocol::lmtp;
    const auto outcome = client_dialog(settings)
                             .server("220 store LMTP")
                             .client("LHLO mail.sesta.com")
                             .offers({"PIPELINING"})
                             .message(message_to({"1@d", "2@d", "3@d", "4@d"}))
                             .message(message_to({"5@d"}))
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<1@d>")
                             .client("RCPT TO:<2@d>")
                             .client("RCPT TO:<3@d>")
                             .client("RCPT TO:<4@d>")
                             .client("DATA")
                             .server("250 ok")
                             .server("250 one")
                             .server("550 5.1.1 two")
                             .server("250 three")
                             .server("250 four")
                             .server("354 go")
                             .content()
                             .server("250 2.0.0 stored")
                             .server("452 4.2.2 full")
                             .server("550 5.7.1 filtered")
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<5@d>")
                             .client("DATA")
                             .server("250 ok")
                             .server("250 five")
                             .server("354 go")
                             .content()
                             .server("250 stored")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events,
        (Strings{
            "Ready", "RecipientDone 1 permanent rcpt: 550 5.1.1 two", "SendBody",
            "RecipientDone 0 delivered dot: 250 one",
            "RecipientDone 2 temporary dot: 452 4.2.2 full",
            "RecipientDone 3 permanent dot: 550 5.7.1 filtered", "TransactionDone 1", "SendBody",
            "RecipientDone 0 delivered dot: 250 five", "TransactionDone 1", "Finished"})
    );
    EXPECT_EQ(outcome.recipients[1].final_reply.to_text(), "250 2.0.0 stored");
}

TEST(SmtpClientTransaction, SendsNoMoreAheadThanTheWindow) {
    auto settings = test_client_settings();
    settings.commands_in_flight = 3;
    const auto outcome = client_dialog(settings)
                             .greeting()
                             .offers({"PIPELINING"})
                             .message(message_to({"1@d", "2@d", "3@d"}))
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<1@d>")
                             .client("RCPT TO:<2@d>")
                             .server("250 ok")
                             .client("RCPT TO:<3@d>")
                             .server("250 ok")
                             .client("DATA")
                             .server("250 ok")
                             .server("250 ok")
                             .server("354 go")
                             .content()
                             .server("250 ok")
                             .quit()
                             .run();
    EXPECT_EQ(outcome.recipients.size(), 3U);
}

TEST(SmtpClientTransaction, StopsSendingRecipientsAfterARefusedMail) {
    auto settings = test_client_settings();
    settings.commands_in_flight = 2;
    client_dialog(settings)
        .greeting()
        .offers({"PIPELINING"})
        .message(message_to({"1@d", "2@d", "3@d"}))
        .client("MAIL FROM:<a@b.example>")
        .client("RCPT TO:<1@d>")
        .server("550 no")
        .server("503 no")
        .quit()
        .run();
}

TEST(SmtpClientTransaction, CountsAttemptsAgainstTheLimit) {
    auto settings = test_client_settings();
    settings.transactions_per_session = 1;
    client_dialog(settings)
        .greeting()
        .offers({})
        .message(message_to({"c@d"}))
        .message(message_to({"e@f"}))
        .client("MAIL FROM:<a@b.example>")
        .server("550 no")
        .quit()
        .run();
}

// 1 of 100 recipients refused for now, 1 of 100 for good.
TEST(SmtpClientTransaction, EveryRecipientGetsExactlyOneWord) {
    std::vector<std::string> recipients;
    for (int i = 0; i < 200; ++i) recipients.push_back(std::to_string(i) + "@d");
    auto script = pipelining_peer().message(message_to(recipients));
    script.client("MAIL FROM:<a@b.example>");
    for (int i = 0; i < 99; ++i)
        script.client("RCPT TO:<" + recipients[static_cast<std::size_t>(i)] + ">");
    std::string replies = "250 ok\r\n";
    script.raw(replies);
    script.client("RCPT TO:<99@d>");
    for (int i = 0; i < 200; ++i) {
        const char* reply = i % 100 == 17 ? "450 later" : i % 100 == 58 ? "550 never" : "250 ok";
        script.server(reply);
        if (i + 100 < 200)
            script.client("RCPT TO:<" + std::to_string(i + 100) + "@d>");
        else if (i == 100)
            script.client("DATA");
    }
    script.server("354 go").content().server("250 ok").quit();
    const auto outcome = script.run_once({});
    ASSERT_EQ(outcome.recipients.size(), 200U);
    std::vector<int> words(200, 0);
    std::size_t delivered = 0;
    for (const auto& done : outcome.recipients) {
        ++words[done.index];
        if (done.outcome == Outcome::delivered) ++delivered;
        if (done.index % 100 == 17) {
            EXPECT_EQ(done.outcome, Outcome::temporary);
        }
        if (done.index % 100 == 58) {
            EXPECT_EQ(done.outcome, Outcome::permanent);
        }
    }
    EXPECT_EQ(words, std::vector<int>(200, 1));
    EXPECT_EQ(delivered, 196U);
}

}  // namespace
}  // namespace sluice::smtp
