// How a session ends: time, shutdown, a peer that goes away, answers that come late.
#include <gtest/gtest.h>

#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using server_action::AwaitAnswer;
using testing::dialog;
using testing::test_server_settings;
using Waiting = ServerSession::Waiting;
using Strings = std::vector<std::string>;

// Drives a session by hand.
class SmtpServerLife : public ::testing::Test {
protected:
    SmtpServerLife() { session_.greet(); }

    // Feeds and collects actions up to one that waits; consent is not given.
    Strings say(const std::string& octets) {
        std::string_view input = octets;
        Strings actions;
        while (true) {
            const ServerAction action = session_.feed(input);
            output_ += session_.take_output();
            if (std::holds_alternative<server_action::NeedInput>(action) ||
                std::holds_alternative<AwaitAnswer>(action))
                return actions;
            actions.push_back(to_debug_string(action));
            if (std::holds_alternative<server_action::Close>(action)) return actions;
        }
    }
    void open_transaction() {
        say("EHLO a\r\n");
        say("MAIL FROM:<a@b>\r\n");
        session_.answer(replies::mail_accepted(false));
        say("RCPT TO:<c@d>\r\n");
        session_.answer(replies::recipient_accepted("c@d", false));
    }
    void open_data() {
        open_transaction();
        say("DATA\r\n");
        session_.answer(replies::enter_mail());
        say("");
        output_.clear();
    }

    ServerSession session_{std::make_shared<const ServerSettings>(test_server_settings())};
    std::string output_;
};

TEST_F(SmtpServerLife, TellsWhichDeadlineIsInForce) {
    EXPECT_EQ(session_.waiting(), Waiting::command);
    say("EHLO a\r\nMAIL");
    say("EHLO a\r\n");
    say("MAIL FROM:<a@b>\r\n");
    EXPECT_EQ(session_.waiting(), Waiting::answer);
    session_.answer(replies::mail_accepted(false));
    EXPECT_EQ(session_.waiting(), Waiting::command);
    say("RCPT TO:<a@b>\r\n");
    session_.answer(replies::ok());
    say("DATA\r\n");
    session_.answer(replies::enter_mail());
    EXPECT_EQ(session_.waiting(), Waiting::data);
    say("x\r\n.\r\n");
    EXPECT_EQ(session_.waiting(), Waiting::answer);
    session_.answer(replies::ok());
    EXPECT_EQ(session_.waiting(), Waiting::command);
    say("QUIT\r\n");
    EXPECT_EQ(session_.waiting(), Waiting::nothing);
}

TEST_F(SmtpServerLife, PipelinedInputWaitsForALateAnswer) {
    say("EHLO a\r\n");
    output_.clear();
    const std::string octets = "MAIL FROM:<a@b>\r\nNOOP\r\nQUIT\r\n";
    std::string_view input = octets;
    session_.feed(input);
    EXPECT_EQ(input, "NOOP\r\nQUIT\r\n");
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(std::holds_alternative<AwaitAnswer>(session_.feed(input)));
    EXPECT_EQ(session_.take_output(), "");
    session_.answer(replies::mail_accepted(false));
    session_.feed(input);
    EXPECT_EQ(
        session_.take_output(),
        "250 2.5.0 Address OK.\r\n250 2.5.0 Ok.\r\n221 2.3.0 Bye received. Goodbye.\r\n"
    );
}

TEST_F(SmtpServerLife, TimeoutAtACommandSays421) {
    say("EHLO a\r\n");
    output_.clear();
    session_.on_timeout();
    EXPECT_EQ(say(""), Strings{"Close timeout"});
    EXPECT_EQ(output_, "421 4.4.2 Command timeout\r\n");
    EXPECT_TRUE(session_.finished());
}

TEST_F(SmtpServerLife, TimeoutInDataAbortsTheTransaction) {
    open_data();
    say("half a mess");
    session_.on_timeout();
    EXPECT_EQ(say("age\r\n.\r\n"), (Strings{"Abort timeout in data", "Close timeout"}));
    EXPECT_EQ(output_, "421 4.4.2 Data timeout\r\n");
}

TEST_F(SmtpServerLife, TimeoutIsNotForTheShellsOwnDelay) {
    open_data();
    say("x\r\n.\r\n");
    session_.on_timeout();
    session_.answer(replies::ok());
    EXPECT_EQ(say(""), Strings{});
    EXPECT_EQ(output_, "250 2.5.0 Ok.\r\n");
}

TEST_F(SmtpServerLife, ShutdownClosesAtOnceBetweenCommands) {
    open_transaction();
    output_.clear();
    session_.on_shutdown();
    EXPECT_EQ(say("NOOP\r\n"), (Strings{"Abort shutdown", "Close shutdown"}));
    EXPECT_EQ(output_.substr(output_.find("421")), "421 4.3.2 Server is shutting down\r\n");
}

TEST_F(SmtpServerLife, ShutdownLetsAMessageEnd) {
    open_data();
    session_.on_shutdown();
    EXPECT_EQ(say("x\r\n.\r\n"), (Strings{"DataChunk x\r\n", "EndData 3"}));
    session_.answer(replies::message_accepted("E1"));
    EXPECT_EQ(say("MAIL FROM:<a@b>\r\n"), Strings{"Close shutdown"});
    EXPECT_EQ(output_, "250 2.5.0 Ok, envelope id E1\r\n421 4.3.2 Server is shutting down\r\n");
}

TEST_F(SmtpServerLife, ShutdownAfterARefusedMessageCloses) {
    open_data();
    session_.on_shutdown();
    EXPECT_EQ(say("x\ny\r\n.\r\n").back(), "Close shutdown");
}

TEST_F(SmtpServerLife, ShutdownWaitsForAnOpenQuestion) {
    say("EHLO a\r\n");
    say("MAIL FROM:<a@b>\r\n");
    session_.on_shutdown();
    output_.clear();
    session_.answer(replies::mail_accepted(false));
    EXPECT_EQ(say(""), (Strings{"Abort shutdown", "Close shutdown"}));
    EXPECT_EQ(output_, "250 2.5.0 Address OK.\r\n421 4.3.2 Server is shutting down\r\n");
}

TEST_F(SmtpServerLife, DisconnectInDataIsReported) {
    open_data();
    say("half a mess");
    session_.on_disconnect();
    EXPECT_EQ(say(""), (Strings{"Abort disconnect in data", "Close disconnect"}));
    EXPECT_EQ(output_, "");
}

TEST_F(SmtpServerLife, DisconnectBetweenCommandsIsReported) {
    open_transaction();
    session_.on_disconnect();
    EXPECT_EQ(say(""), (Strings{"Abort disconnect", "Close disconnect"}));
}

TEST_F(SmtpServerLife, DisconnectWithAQuestionOpenCancelsIt) {
    say("EHLO a\r\n");
    say("MAIL FROM:<a@b>\r\n");
    session_.on_disconnect();
    EXPECT_EQ(say(""), Strings{"Close disconnect"});
    session_.answer(replies::mail_accepted(false));  // late: nobody is there
    EXPECT_EQ(say(""), Strings{"Close disconnect"});
}

// The peer may be gone before it reads the 250; the message is ours all the same.
TEST_F(SmtpServerLife, DisconnectDuringTheCommitKeepsTheMessage) {
    open_data();
    say("x\r\n.\r\n");
    session_.on_disconnect();
    EXPECT_EQ(session_.waiting(), Waiting::answer);
    session_.answer(replies::message_accepted("E1"));
    EXPECT_EQ(say(""), Strings{"Close disconnect"});
    EXPECT_EQ(output_, "");
}

TEST_F(SmtpServerLife, An421FromTheShellCloses) {
    say("EHLO a\r\n");
    say("MAIL FROM:<a@b>\r\n");
    output_.clear();
    session_.answer(Reply(421, {4, 3, 2}, "too busy"));
    EXPECT_EQ(say("NOOP\r\n"), Strings{"Close 421"});
    EXPECT_EQ(output_, "421 4.3.2 too busy\r\n");
}

TEST_F(SmtpServerLife, AnAnswerMayClose) {
    open_transaction();
    say("RCPT TO:<x@y>\r\n");
    output_.clear();
    session_.answer_and_close(replies::refused_by_mapping("Go away", "x@y"));
    EXPECT_EQ(say("NOOP\r\n"), (Strings{"Abort closed", "Close 421"}));
    EXPECT_EQ(output_, "550 5.7.1 Go away: x@y\r\n");
}

TEST_F(SmtpServerLife, A421RefusalOfDataCloses) {
    open_data();
    session_.refuse_data(Reply(421, {4, 3, 0}, "no more"));
    EXPECT_EQ(
        say("x\r\n.\r\nNOOP\r\n"), (Strings{"Abort failed in data: 421 4.3.0 no more", "Close 421"})
    );
}

TEST_F(SmtpServerLife, SettingsMayChangeInASession) {
    say("EHLO a\r\n");
    auto settings = test_server_settings();
    settings.message_size = 10;
    session_.change_settings(std::make_shared<const ServerSettings>(settings));
    output_.clear();
    say("MAIL FROM:<a@b> SIZE=11\r\n");
    EXPECT_EQ(output_.substr(0, 10), "552 5.3.4 ");
}

TEST(SmtpServerGreeting, MayBeARefusal) {
    ServerSession session(std::make_shared<const ServerSettings>(test_server_settings()));
    session.refuse(replies::early_talker(), server_action::CloseReason::early_talker);
    std::string_view input = "EHLO a\r\n";
    EXPECT_EQ(to_debug_string(session.feed(input)), "Close early talker");
    EXPECT_EQ(session.take_output(), "554 5.5.1 Command sent before the greeting\r\n");
}

TEST(SmtpServerGreeting, NothingIsReadBeforeIt) {
    ServerSession session(std::make_shared<const ServerSettings>(test_server_settings()));
    std::string_view input = "NOOP\r\n";
    EXPECT_TRUE(std::holds_alternative<server_action::NeedInput>(session.feed(input)));
    EXPECT_EQ(input, "NOOP\r\n");
}

TEST(SmtpServerGreeting, ShutdownBeforeItSays421) {
    ServerSession session(std::make_shared<const ServerSettings>(test_server_settings()));
    session.on_shutdown();
    EXPECT_EQ(session.take_output(), "421 4.3.2 Server is shutting down\r\n");
}

// A connection that breaks after each octet of a whole dialogue: a transaction that was opened is
// always reported as aborted, unless its message went to the shell.
TEST(SmtpServerDisconnect, AfterEveryOctetLeavesNothingOpen) {
    const std::string octets =
        "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx\r\n..\r\n.\r\nQUIT\r\n";
    auto settings = std::make_shared<ServerSettings>(test_server_settings());
    settings->refuse_early_pipelining = false;
    for (std::size_t length = 0; length <= octets.size(); ++length) {
        ServerSession session(settings);
        session.greet();
        const std::string sent = octets.substr(0, length);
        std::string_view input = sent;
        bool mail = false;
        bool end = false;
        int aborts = 0;
        bool gone = false;
        while (true) {
            const ServerAction action = session.feed(input);
            if (std::holds_alternative<server_action::Close>(action)) break;
            if (std::holds_alternative<server_action::NeedInput>(action)) {
                ASSERT_FALSE(gone);
                gone = true;
                session.on_disconnect();
            }
            mail |= std::holds_alternative<server_action::AskMail>(action);
            end |= std::holds_alternative<server_action::EndData>(action);
            if (std::holds_alternative<server_action::Abort>(action)) ++aborts;
            const bool begin = std::holds_alternative<server_action::BeginData>(action);
            session.answer(begin ? replies::enter_mail() : replies::ok());
        }
        EXPECT_EQ(aborts, mail && !end ? 1 : 0) << "after " << length << " octets";
    }
}

}  // namespace
}  // namespace sluice::smtp
