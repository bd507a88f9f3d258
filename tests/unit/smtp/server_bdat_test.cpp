// CHUNKING (RFC 3030): lengths right and wrong, order, refusals.
#include <gtest/gtest.h>

#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using testing::dialog;
using testing::test_server_settings;
using Strings = std::vector<std::string>;

ServerSettings chunking_settings() {
    auto settings = test_server_settings();
    settings.chunking = settings.binary_mime = true;
    return settings;
}

TEST(SmtpServerBdat, TakesAMessageInOneChunk) {
    const auto outcome = dialog(chunking_settings())
                             .hello()
                             .mail_and_recipient()
                             .raw("BDAT 6 LAST\r\n.\r\nx\r\n")
                             .server("250 2.5.0 Ok, envelope id E1")
                             .mail_and_recipient()
                             .run();
    EXPECT_EQ(outcome.messages, Strings{".\r\nx\r\n"});
}

TEST(SmtpServerBdat, TakesAMessageInSeveralChunks) {
    const auto outcome = dialog(chunking_settings())
                             .hello()
                             .mail_and_recipient()
                             .raw("BDAT 2\r\na\rBDAT 3\r\n\nb\rBDAT 0\r\nBDAT 1 last\r\n\nNOOP\r\n")
                             .server("250 2.5.0 Ok, chunk received")
                             .server("250 2.5.0 Ok, chunk received")
                             .server("250 2.5.0 Ok, chunk received")
                             .server("250 2.5.0 Ok, envelope id E1")
                             .server("250 2.5.0 Ok.")
                             .run();
    EXPECT_EQ(outcome.messages, Strings{"a\r\nb\r\n"});
}

TEST(SmtpServerBdat, TakesAnEmptyLastChunk) {
    const auto outcome = dialog(chunking_settings())
                             .hello()
                             .mail_and_recipient()
                             .raw("BDAT 3\r\na\r\nBDAT 0 LAST\r\n")
                             .server("250 2.5.0 Ok, chunk received")
                             .server("250 2.5.0 Ok, envelope id E1")
                             .run();
    EXPECT_EQ(outcome.messages, Strings{"a\r\n"});
}

TEST(SmtpServerBdat, RefusesBareLineEnds) {
    for (const char* chunk :
         {"BDAT 4 LAST\r\na\nb\r", "BDAT 2 LAST\r\na\n", "BDAT 2 LAST\r\na\r"}) {
        const auto outcome =
            dialog(chunking_settings())
                .hello()
                .mail_and_recipient()
                .raw(chunk)
                .server("550 5.6.11 Message contains a CR or LF that is not part of CR LF")
                .client("NOOP")
                .server("250 2.5.0 Ok.")
                .run();
        EXPECT_EQ(outcome.messages, Strings{});
    }
}

/// A message of one part that BODY=BINARYMIME announced, sent in chunks of `size` octets.
std::string binary_chunks(const std::string& message, std::size_t size) {
    std::string out;
    for (std::size_t at = 0; at < message.size(); at += size) {
        const std::string chunk = message.substr(at, size);
        const bool is_last = at + size >= message.size();
        out += "BDAT " + std::to_string(chunk.size()) + (is_last ? " LAST" : "") + "\r\n" + chunk;
    }
    return out;
}

TEST(SmtpServerBdat, MakesLinesOfBinaryParts) {
    const std::string content = std::string("\0\r\n.\r\n\n\xff\r", 9);
    const auto outcome =
        dialog(chunking_settings())
            .hello()
            .client("MAIL FROM:<a@b> BODY=BINARYMIME")
            .server("250 2.5.0 Address and options OK.")
            .client("RCPT TO:<c@d>")
            .server("250 2.1.5 c@d OK.")
            .client("DATA")
            .server("503 5.5.1 The message is being sent by BDAT commands.")
            .raw(binary_chunks("Content-Transfer-Encoding: binary\r\n\r\n" + content, 1000))
            .server("250 2.5.0 Ok, envelope id E1")
            .run();
    EXPECT_EQ(
        outcome.messages,
        Strings{"Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\nAA0KLg0KCv8N\r\n"}
    );
}

TEST(SmtpServerBdat, MakesTheSameOfBinaryPartsHoweverTheyAreCut) {
    const std::string content = std::string("\0\r\n.\r\n\n\xff\r", 9);
    const std::string message = "Content-Transfer-Encoding: binary\r\n\r\n" + content;
    for (const std::size_t size : {1U, 7U, 37U}) {
        auto script = dialog(chunking_settings());
        script.hello()
            .client("MAIL FROM:<a@b> BODY=BINARYMIME")
            .server("250 2.5.0 Address and options OK.")
            .client("RCPT TO:<c@d>")
            .server("250 2.1.5 c@d OK.")
            .raw(binary_chunks(message, size));
        const std::size_t chunks = (message.size() + size - 1) / size;
        for (std::size_t i = 1; i < chunks; ++i) script.server("250 2.5.0 Ok, chunk received");
        const auto outcome = script.server("250 2.5.0 Ok, envelope id E1").run();
        const std::string expected =
            "Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\nAA0KLg0KCv8N\r\n";
        EXPECT_EQ(outcome.messages, Strings{expected}) << size;
    }
}

TEST(SmtpServerBdat, RefusesBareLineEndsInWhatIsNotLabelledBinary) {
    const auto outcome =
        dialog(chunking_settings())
            .hello()
            .client("MAIL FROM:<a@b> BODY=BINARYMIME")
            .server("250 2.5.0 Address and options OK.")
            .client("RCPT TO:<c@d>")
            .server("250 2.1.5 c@d OK.")
            .raw("BDAT 8 LAST\r\n\r\na\n.\r\nb")
            .server("550 5.6.11 Message contains a CR or LF that is not part of CR LF")
            .run();
    EXPECT_EQ(outcome.messages, Strings{});
}

TEST(SmtpServerBdat, RefusesBareLineEndsInAHeaderThatTheMessageEndsWith) {
    const auto outcome =
        dialog(chunking_settings())
            .hello()
            .client("MAIL FROM:<a@b> BODY=BINARYMIME")
            .server("250 2.5.0 Address and options OK.")
            .client("RCPT TO:<c@d>")
            .server("250 2.1.5 c@d OK.")
            .raw("BDAT 9 LAST\r\nA: b\nC: d")
            .server("550 5.6.11 Message contains a CR or LF that is not part of CR LF")
            .run();
    EXPECT_EQ(outcome.messages, Strings{});
}

TEST(SmtpServerBdat, ReadsAChunkOutOfSequenceToItsEnd) {
    dialog(chunking_settings())
        .hello()
        .raw("BDAT 6\r\nRSET\r\nNOOP\r\n")
        .server("503 5.5.1 No MAIL FROM: command has been given.")
        .server("250 2.5.0 Ok.")
        .client("MAIL FROM:<a@b>")
        .server("250 2.5.0 Address OK.")
        .raw("BDAT 6 LAST\r\nRSET\r\nNOOP\r\n")
        .server("503 5.5.1 No RCPT TO: command has been given.")
        .server("250 2.5.0 Ok.")
        .run();
}

TEST(SmtpServerBdat, FailedChunksFailTheRest) {
    auto settings = chunking_settings();
    settings.message_size = 4;
    dialog(settings)
        .hello()
        .mail_and_recipient()
        .raw("BDAT 5\r\nabc\r\nBDAT 3 LAST\r\nd\r\nNOOP\r\n")
        .server("552 5.2.3 channel limit of 0 kilobytes on message size exceeded")
        .server("503 5.5.1 No MAIL FROM: command has been given.")
        .server("250 2.5.0 Ok.")
        .run();
}

TEST(SmtpServerBdat, OtherCommandsBetweenChunksAreOutOfOrder) {
    const auto outcome = dialog(chunking_settings())
                             .hello()
                             .mail_and_recipient()
                             .raw("BDAT 3\r\na\r\n")
                             .server("250 2.5.0 Ok, chunk received")
                             .client("DATA")
                             .server("503 5.5.1 The message is being sent by BDAT commands.")
                             .client("RCPT TO:<a@b>")
                             .server("503 5.5.1 The message is being sent by BDAT commands.")
                             .client("MAIL FROM:<a@b>")
                             .server("503 5.5.1 A MAIL FROM: command has already been given.")
                             .client("RSET")
                             .server("250 2.5.0 Ok.")
                             .run();
    EXPECT_EQ(outcome.actions.back(), "Abort reset in data");
}

TEST(SmtpServerBdat, ARefusedBeginningIsToldAfterTheChunk) {
    dialog(chunking_settings())
        .policy([](const ServerAction& action) -> std::optional<Reply> {
            if (std::holds_alternative<server_action::BeginData>(action))
                return Reply(452, {4, 3, 1}, "disk full");
            return std::nullopt;
        })
        .hello()
        .mail_and_recipient()
        .raw("BDAT 6 LAST\r\nRSET\r\nNOOP\r\n")
        .server("452 4.3.1 disk full")
        .server("250 2.5.0 Ok.")
        .run();
}

// Without a length nobody knows where the next command begins.
TEST(SmtpServerBdat, ClosesAfterABadLength) {
    for (const std::string argument :
         {"", "x", "-1", "1 2", "1 LAST x", "99999999999999999999999", "LAST"}) {
        const auto outcome = dialog(chunking_settings())
                                 .hello()
                                 .mail_and_recipient()
                                 .client("BDAT " + argument)
                                 .server("501 5.5.4 Bad chunk length")
                                 .run();
        EXPECT_EQ(outcome.actions.back(), "Close bad chunk length");
    }
}

TEST(SmtpServerBdat, ChunkLongerThanAnythingIsBounded) {
    auto settings = chunking_settings();
    settings.message_size = 10;
    settings.discard_ceiling = 100;
    const auto outcome = dialog(settings)
                             .hello()
                             .mail_and_recipient()
                             .raw("BDAT 18446744073709551615 LAST\r\n" + std::string(500, 'x'))
                             .server("421 4.7.0 Input without end")
                             .run_once({});
    EXPECT_EQ(outcome.actions.back(), "Close endless input");
}

}  // namespace
}  // namespace sluice::smtp
