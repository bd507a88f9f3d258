// Messages by BDAT, and what becomes of those that are too much.
#include "dialogue_fixture.h"

namespace sluice::smtp_server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class DialogueChunksTest : public DialogueTest {
protected:
    /// A binary part as a message: it leaves the server core as three lines of header, and with its
    /// end comes one of base64.
    static std::string binary_message() {
        const std::string message = "Content-Transfer-Encoding: binary\r\n\r\nabc";
        return "BDAT " + std::to_string(message.size()) + " LAST\r\n" + message;
    }
    void begin(const std::string& limit) {
        add_keywords("l", limit);
        connect();
        say("EHLO client.test");
        EXPECT_THAT(say("MAIL FROM:<a@b.example> BODY=BINARYMIME"), StartsWith("250 "));
        EXPECT_THAT(say("RCPT TO:<adam@example.com>"), StartsWith("250 "));
    }
};

TEST_F(DialogueChunksTest, ABinaryMessageWithinItsLimitIsTaken) {
    begin("linelimit 4");
    EXPECT_THAT(turn(binary_message()), StartsWith("250 "));
    EXPECT_THAT(read(queue_files().at(0)), HasSubstr("\r\n\r\nYWJj\r\n"));
}

TEST_F(DialogueChunksTest, WhatOnlyTheEndBringsCanBeTooManyLines) {
    begin("linelimit 3");
    EXPECT_EQ(
        turn(binary_message()), "552 5.2.3 channel limit of 3 lines on message length exceeded"
    );
    EXPECT_TRUE(queue_files().empty());
    EXPECT_THAT(say("NOOP"), StartsWith("250 "));
}

TEST_F(DialogueChunksTest, WhatOnlyTheEndBringsCanBeTooManyOctets) {
    // The header has 56 octets, the line of base64 six.
    changes_["option.dat"] = "BLOCK_SIZE=60\n";
    begin("blocklimit 1");
    EXPECT_THAT(turn(binary_message()), StartsWith("552 5.2.3 "));
    EXPECT_TRUE(queue_files().empty());
}

// The rest of it is read and thrown away, at the pace that the client has: it counts as what comes.
TEST_F(DialogueChunksTest, ARefusedMessageGoesOnToCount) {
    add_keywords("l", "linelimit 2");
    connect();
    start();
    say("RCPT TO:<adam@example.com>");
    say("DATA");
    turn("a\r\nb\r\nc\r\n");
    const std::uint64_t before = dialogue_->data_octets();
    turn(std::string(10'000, 'x') + "\r\n");
    EXPECT_GE(dialogue_->data_octets(), before + 10'000);
    EXPECT_THAT(turn(".\r\n"), StartsWith("552 5.2.3 "));
    // The next one begins with nothing.
    say("MAIL FROM:<a@b.example>");
    say("RCPT TO:<adam@example.com>");
    say("DATA");
    EXPECT_EQ(dialogue_->data_octets(), 0U);
}

}  // namespace
}  // namespace sluice::smtp_server
