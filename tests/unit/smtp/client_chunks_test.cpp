// Messages that leave in chunks (RFC 3030), and when they do not.
#include <gtest/gtest.h>

#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using testing::client_dialog;
using testing::ClientDialog;
using testing::message_to;
using testing::test_client_settings;
using testing::TestMessage;
using Strings = std::vector<std::string>;

ClientSettings small_chunks() {
    auto settings = test_client_settings();
    settings.chunk_size = 10;
    return settings;
}

ClientDialog chunking_peer(ClientSettings settings = test_client_settings()) {
    return client_dialog(std::move(settings)).greeting().offers({"PIPELINING", "CHUNKING"});
}

ClientDialog one_message_accepted(ClientSettings settings = test_client_settings()) {
    return chunking_peer(std::move(settings))
        .message(message_to({"c@d"}))
        .client("MAIL FROM:<a@b.example>")
        .client("RCPT TO:<c@d>")
        .server("250 ok")
        .server("250 ok");
}

TEST(SmtpClientChunks, SendsAMessageInOneChunk) {
    const auto outcome = one_message_accepted()
                             .client("BDAT 20 LAST")
                             .client("Subject: x")
                             .client("")
                             .client("Text")
                             .server("250 2.0.0 queued")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events, (Strings{
                            "Ready", "SendBody", "RecipientDone 0 delivered dot: 250 ok",
                            "TransactionDone 1", "Finished"})
    );
}

TEST(SmtpClientChunks, AddsNoDots) {
    TestMessage message = message_to({"c@d"});
    message.content = ".\r\n..\r\n";
    chunking_peer()
        .message(message)
        .client("MAIL FROM:<a@b.example>")
        .client("RCPT TO:<c@d>")
        .server("250 ok")
        .server("250 ok")
        .client("BDAT 7 LAST")
        .client(".")
        .client("..")
        .server("250 ok")
        .quit()
        .run();
}

TEST(SmtpClientChunks, LineEndsAreCanonical) {
    TestMessage message = message_to({"c@d"});
    message.content = "a\nb\rc";
    chunking_peer()
        .message(message)
        .client("MAIL FROM:<a@b.example>")
        .client("RCPT TO:<c@d>")
        .server("250 ok")
        .server("250 ok")
        .client("BDAT 9 LAST")
        .client("a")
        .client("b")
        .client("c")
        .server("250 ok")
        .quit()
        .run();
}

TEST(SmtpClientChunks, DoesNotAskForTheMessageBeforeTheLastRecipientIsDecided) {
    const auto outcome = chunking_peer()
                             .message(message_to({"c@d", "e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<c@d>")
                             .client("RCPT TO:<e@f>")
                             .server("250 ok")
                             .server("250 ok")
                             .server("550 5.1.1 unknown user")
                             .client("BDAT 20 LAST")
                             .client("Subject: x")
                             .client("")
                             .client("Text")
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

TEST(SmtpClientChunks, SendsNothingWhenNobodyIsAccepted) {
    const auto outcome = chunking_peer()
                             .message(message_to({"c@d"}))
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<c@d>")
                             .server("250 ok")
                             .server("550 5.1.1 unknown user")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events, (Strings{
                            "Ready", "RecipientDone 0 permanent rcpt: 550 5.1.1 unknown user",
                            "TransactionDone 0", "Finished"})
    );
}

// The script's peer speaks only when all is sent; the session takes replies at any time.
ClientDialog in_small_chunks() {
    TestMessage message = message_to({"c@d"});
    message.content = "12345678\r\nabcdefgh\r\n.\r\n";
    return chunking_peer(small_chunks())
        .message(message)
        .client("MAIL FROM:<a@b.example>")
        .client("RCPT TO:<c@d>")
        .server("250 ok")
        .server("250 ok")
        .client("BDAT 10")
        .client("12345678")
        .client("BDAT 10")
        .client("abcdefgh")
        .client("BDAT 3 LAST")
        .client(".");
}

TEST(SmtpClientChunks, SendsChunksAheadOfTheirReplies) {
    const auto outcome = in_small_chunks()
                             .server("250 chunk")
                             .server("250 chunk")
                             .server("250 2.0.0 queued")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events, (Strings{
                            "Ready", "SendBody", "RecipientDone 0 delivered dot: 250 ok",
                            "TransactionDone 1", "Finished"})
    );
    EXPECT_EQ(outcome.recipients[0].final_reply.to_text(), "250 2.0.0 queued");
}

TEST(SmtpClientChunks, ARefusedChunkFailsTheTransaction) {
    const auto outcome = in_small_chunks()
                             .server("250 chunk")
                             .server("552 5.2.3 too large")
                             .server("503 5.5.1 what chunk")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events,
        (Strings{
            "Ready", "SendBody", "RecipientDone 0 permanent body: 552 5.2.3 too large",
            "TransactionDone 0", "Finished"})
    );
}

TEST(SmtpClientChunks, AReplyThatIsNoneEndsTheConnection) {
    const auto outcome = in_small_chunks().server("354 go ahead").run();
    ASSERT_TRUE(outcome.unusable);
    EXPECT_EQ(outcome.unusable->reason, client_event::Unusable::Reason::nonsense);
    ASSERT_EQ(outcome.recipients.size(), 1U);
    EXPECT_EQ(outcome.recipients[0].outcome, client_event::Outcome::temporary);
}

TEST(SmtpClientChunks, TheNextMessageAfterARefusedOneBeginsWithReset) {
    auto dialog = in_small_chunks();
    dialog.message(message_to({"g@h"}))
        .server("452 4.3.1 full")
        .server("503 5.5.1 no")
        .server("503 5.5.1 no")
        .client("RSET")
        .client("MAIL FROM:<a@b.example>")
        .client("RCPT TO:<g@h>")
        .server("250 ok")
        .server("250 ok")
        .server("550 5.1.1 no")
        .quit()
        .run();
}

// A refusal that is there before the last chunk is sent: no further one is.
TEST(SmtpClientChunks, ARefusalOnTheWayStopsTheMessage) {
    ClientSession session(std::make_shared<const ClientSettings>(small_chunks()));
    const auto feed = [&](std::string_view octets) {
        return to_debug_string(session.feed(octets));
    };
    (void)feed("220 peer\r\n250-peer\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
    session.begin(message_to({"c@d"}).envelope);
    EXPECT_EQ(feed("250 ok\r\n250 ok\r\n"), "SendBody");
    (void)session.take_output();
    session.append_body("12345678\r\n");
    EXPECT_EQ(session.take_output(), "BDAT 10\r\n12345678\r\n");
    EXPECT_EQ(session.phase(), Phase::body);
    EXPECT_EQ(feed(""), "AwaitShell");
    EXPECT_EQ(feed("550 5.7.1 no\r\n"), "RecipientDone 0 permanent body: 550 5.7.1 no");
    session.append_body("abcdefgh\r\n");
    session.end_body();
    EXPECT_EQ(session.take_output(), "");
    EXPECT_EQ(feed(""), "TransactionDone 0");
    EXPECT_TRUE(session.can_begin());
}

TEST(SmtpClientChunks, AfterTheLastChunkThePeerMayHaveTheMessage) {
    auto dialog = in_small_chunks();
    const auto outcome = dialog.run_broken(dialog.steps(), ClientDialog::Breakage::disconnect);
    ASSERT_EQ(outcome.recipients.size(), 1U);
    EXPECT_TRUE(outcome.recipients[0].possible_duplicate);
}

TEST(SmtpClientChunks, LmtpHasAReplyForEachRecipient) {
    auto settings = test_client_settings();
    settings.protocol = ClientSettings::Protocol::lmtp;
    const auto outcome = client_dialog(settings)
                             .server("220 peer LMTP")
                             .client("LHLO mail.sesta.com")
                             .offers({"PIPELINING", "CHUNKING"})
                             .message(message_to({"c@d", "e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<c@d>")
                             .client("RCPT TO:<e@f>")
                             .server("250 ok")
                             .server("250 ok")
                             .server("250 ok")
                             .client("BDAT 20 LAST")
                             .client("Subject: x")
                             .client("")
                             .client("Text")
                             .server("250 2.0.0 stored")
                             .server("452 4.2.2 quota")
                             .quit()
                             .run();
    EXPECT_EQ(
        outcome.events,
        (Strings{
            "Ready", "SendBody", "RecipientDone 0 delivered dot: 250 ok",
            "RecipientDone 1 temporary dot: 452 4.2.2 quota", "TransactionDone 1", "Finished"})
    );
}

// Chunks in LMTP that were refused: what the last one is answered with is anybody's guess.
TEST(SmtpClientChunks, LmtpConnectionEndsAfterARefusedChunk) {
    auto settings = small_chunks();
    settings.protocol = ClientSettings::Protocol::lmtp;
    TestMessage message = message_to({"c@d", "e@f"});
    message.content = "12345678\r\n";
    const auto outcome = client_dialog(settings)
                             .server("220 peer LMTP")
                             .client("LHLO mail.sesta.com")
                             .offers({"PIPELINING", "CHUNKING"})
                             .message(message)
                             .client("MAIL FROM:<a@b.example>")
                             .client("RCPT TO:<c@d>")
                             .client("RCPT TO:<e@f>")
                             .server("250 ok")
                             .server("250 ok")
                             .server("250 ok")
                             .client("BDAT 10")
                             .client("12345678")
                             .client("BDAT 0 LAST")
                             .server("452 4.2.2 quota")
                             .run();
    ASSERT_TRUE(outcome.unusable);
    EXPECT_EQ(outcome.recipients.size(), 2U);
}

struct DataInstead {
    const char* why;
    ClientSettings settings;
    Strings offered;
};

class SmtpClientData : public ::testing::TestWithParam<DataInstead> {};

TEST_P(SmtpClientData, IsUsed) {
    ClientSession session(std::make_shared<const ClientSettings>(GetParam().settings));
    std::string hello = "220 peer\r\n250-peer\r\n";
    for (const std::string& keyword : GetParam().offered) hello += "250-" + keyword + "\r\n";
    hello += "250 DSN\r\n";
    std::string_view input = hello;
    (void)session.feed(input);
    EXPECT_FALSE(session.uses_chunks()) << GetParam().why;
}

ClientSettings without_chunks() {
    auto settings = test_client_settings();
    settings.chunking = false;
    return settings;
}

INSTANTIATE_TEST_SUITE_P(
    WithoutChunks,
    SmtpClientData,
    ::testing::Values(
        DataInstead{"nochunkingclient", without_chunks(), {"PIPELINING", "CHUNKING"}},
        DataInstead{"not offered", test_client_settings(), {"PIPELINING", "BINARYMIME"}},
        DataInstead{"a reply for each chunk", test_client_settings(), {"CHUNKING"}}
    )
);

}  // namespace
}  // namespace sluice::smtp
