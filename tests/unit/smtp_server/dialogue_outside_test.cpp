// What rules ask from outside while a session goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "support/scratch_directory.h"
#include "unit/smtp_server/dialogue_fixture.h"

namespace sluice::smtp_server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class DialogueOutside : public DialogueTest {
protected:
    DialogueOutside() { put("0\n"); }
    void put(const std::string& number) { ASSERT_TRUE(replace_file(file_, number)); }
    [[nodiscard]] std::string number() const { return *read_file(file_); }
    [[nodiscard]] std::string sequence() const { return "$#" + file_ + '#'; }

    test::ScratchDirectory directory_;
    std::string file_ = directory_.path("number");
};

// Everybody who waits for a file lock does so in a task, and what counts has counted once.
TEST_F(DialogueOutside, SlowAnswersAreTasks) {
    changes_["mappings"] =
        "PORT_ACCESS\n\n  *  $C" + sequence() + "\n  *  $Y\n\nFROM_ACCESS\n\n  *  $C" + sequence() +
        "\n  *  $Y\n\nORIG_SEND_ACCESS\n\n  *|*|*|no@*  $NNumber$ " + sequence() + "\n";
    EXPECT_THAT(connect(), StartsWith("220 "));
    EXPECT_EQ(number(), "1\n");
    start();
    EXPECT_EQ(number(), "2\n");
    EXPECT_THAT(say("RCPT TO:<no@example.com>"), HasSubstr("550 5.7.1 Number 3: no@example.com"));
    EXPECT_THAT(say("RCPT TO:<no@example.com>"), HasSubstr("550 5.7.1 Number 4: no@example.com"));
    EXPECT_EQ(tasks_, 4);
    EXPECT_EQ(number(), "4\n");
}

TEST_F(DialogueOutside, QuickAnswersAreNot) {
    changes_["mappings"] =
        "ORIG_SEND_ACCESS\n\n  *  $[conn_throttle,throttle,192.0.2.1,1]$NToo$ many\n";
    connect();
    start();
    EXPECT_THAT(say("RCPT TO:<adam@example.com>"), StartsWith("250"));
    EXPECT_THAT(say("RCPT TO:<adam@example.com>"), HasSubstr("550 5.7.1 Too many"));
    EXPECT_EQ(tasks_, 0);
}

// What the header work waits for, it waits for in one task, and no octet gets lost around it.
class DialogueOutsideData : public DialogueOutside {
protected:
    DialogueOutsideData() {
        changes_["mappings"] =
            "REVERSE\n\n  *@slow.example  $Y$0-" + sequence() + "@quick.example\n";
        connect();
    }
    void begin() {
        start("amy@slow.example");
        EXPECT_THAT(say("RCPT TO:<adam@example.com>"), StartsWith("250"));
        tasks_ = 0;
    }
    std::string only_message() {
        const auto files = queue_files();
        return files.size() == 1 ? read(files.front()) : std::to_string(files.size()) + " files";
    }
    static constexpr const char* header_ =
        "From: a@slow.example\r\nTo: b@slow.example,\r\n c@slow.example\r\nSubject: x\r\n\r\n";
};

TEST_F(DialogueOutsideData, AllAtOnce) {
    begin();
    say("DATA");
    EXPECT_THAT(
        turn(std::string(header_) + "first\r\nlast\r\n.\r\nNOOP\r\n"),
        testing::AllOf(StartsWith("250 2.5.0"), HasSubstr("\n250 "))
    );
    EXPECT_EQ(tasks_, 1);
    EXPECT_EQ(number(), "5\n");
    const std::string message = only_message();
    EXPECT_THAT(message, HasSubstr("amy-2@quick.example"));
    EXPECT_THAT(message, HasSubstr("From: a-3@quick.example"));
    EXPECT_THAT(message, HasSubstr("To: b-4@quick.example,"));
    EXPECT_THAT(message, HasSubstr("c-5@quick.example"));
    EXPECT_THAT(message, HasSubstr("first"));
    EXPECT_THAT(message, HasSubstr("last"));
}

TEST_F(DialogueOutsideData, OctetByOctet) {
    begin();
    say("DATA");
    std::string said;
    for (const char c : std::string(header_) + "first\r\nlast\r\n.\r\n")
        said += turn(std::string_view(&c, 1));
    EXPECT_THAT(said, StartsWith("250 2.5.0"));
    EXPECT_EQ(tasks_, 1);
    EXPECT_EQ(number(), "5\n");
    EXPECT_THAT(only_message(), testing::AllOf(HasSubstr("c-5@quick.example"), HasSubstr("last")));
}

TEST_F(DialogueOutsideData, HeaderEndsWithTheMessage) {
    begin();
    say("DATA");
    EXPECT_THAT(turn("From: a@slow.example\r\n.\r\n"), StartsWith("250 2.5.0"));
    EXPECT_EQ(tasks_, 1);
    EXPECT_THAT(only_message(), HasSubstr("From: a-3@quick.example"));
}

TEST_F(DialogueOutsideData, FailureBehindTheWait) {
    begin();
    say("DATA");
    std::string_view octets = header_;
    ASSERT_EQ(dialogue_->advance(octets), Step::task);
    fs::remove_all(root_ / "queue");
    run_task();
    EXPECT_EQ(turn("text\r\n"), "");
    EXPECT_THAT(turn(".\r\n"), StartsWith("451 4.3.0"));
    EXPECT_THAT(say("NOOP"), StartsWith("250"));
}

TEST_F(DialogueOutsideData, ClientGoesAwayMeanwhile) {
    begin();
    say("DATA");
    std::string_view octets = header_;
    ASSERT_EQ(dialogue_->advance(octets), Step::task);
    dialogue_->on_disconnect();
    run_task();
    EXPECT_EQ(dialogue_->advance(octets), Step::close);
    EXPECT_THAT(queue_files(), testing::IsEmpty());
}

// Keyword inner: the headers of embedded messages are waited for as they come by.
class DialogueInner : public DialogueOutsideData {
protected:
    void begin_inner() {
        add_keywords("l", "inner");
        connect();
        begin();
        say("DATA");
    }
    static std::string embedded(const std::string& address) {
        return "--b\r\nContent-Type: message/rfc822\r\nX-Mine: " + address +
               "\r\n\r\nFrom:  " + address +
               "\r\nContent-Type: text/plain\r\n\r\nFrom: " + address + "\r\n--not\r\n";
    }
    // Queue files end lines with LF or CRLF.
    std::string content() {
        std::string text = only_message();
        std::erase(text, '\r');
        return text;
    }
    static std::string expected(const std::string& before, const std::string& after) {
        std::string text = embedded(before);
        const std::string from = "From:  " + before;
        text.replace(text.find(from), from.size(), "From:  " + after);
        std::erase(text, '\r');
        return text;
    }
    const std::string head_ =
        "From: a@slow.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
        "boundary=b\r\n\r\n";
    const std::string all_ = head_ + embedded("x@slow.example") + embedded("y@slow.example") +
                             embedded("z@quick.example") + "--b--\r\n.\r\n";
    const std::string body_ = expected("x@slow.example", "x-4@quick.example") +
                              expected("y@slow.example", "y-5@quick.example") +
                              expected("z@quick.example", "z@quick.example") + "--b--\n";
};

TEST_F(DialogueInner, AllAtOnce) {
    begin_inner();
    EXPECT_THAT(turn(all_), StartsWith("250 2.5.0"));
    EXPECT_THAT(content(), HasSubstr("boundary=b\n\n" + body_));
    EXPECT_EQ(number(), "5\n");
    EXPECT_GE(tasks_, 1);
}

TEST_F(DialogueInner, OctetByOctet) {
    begin_inner();
    std::string said;
    for (const char c : all_) said += turn(std::string_view(&c, 1));
    EXPECT_THAT(said, StartsWith("250 2.5.0"));
    EXPECT_THAT(content(), HasSubstr("boundary=b\n\n" + body_));
    EXPECT_EQ(number(), "5\n");
    EXPECT_EQ(tasks_, 3);  // one for each header that asks
}

TEST_F(DialogueInner, MessageEndsWithAnEmbeddedHeader) {
    for (const bool in_pieces : {false, true}) {
        put("0\n");
        begin_inner();
        const std::string text =
            "Content-Type: message/rfc822\r\n\r\nTo: x@slow.example\r\n" + std::string(".\r\n");
        std::string said;
        for (std::size_t i = 0; i < text.size(); i += in_pieces ? 1 : text.size())
            said += turn(std::string_view(text).substr(i, in_pieces ? 1 : text.size()));
        EXPECT_THAT(said, StartsWith("250 2.5.0"));
        EXPECT_THAT(content(), HasSubstr("\n\nTo: x-3@quick.example\n"));
        for (const auto& file : queue_files()) fs::remove(file);
    }
}

TEST_F(DialogueInner, OtherChannelsKeepEveryOctet) {
    connect();
    begin();
    say("DATA");
    EXPECT_THAT(turn(all_), StartsWith("250 2.5.0"));
    std::string plain = all_.substr(head_.size(), all_.size() - head_.size() - 3);
    std::erase(plain, '\r');
    EXPECT_THAT(content(), HasSubstr("boundary=b\n\n" + plain));
    EXPECT_EQ(number(), "3\n");
}

}  // namespace
}  // namespace sluice::smtp_server
