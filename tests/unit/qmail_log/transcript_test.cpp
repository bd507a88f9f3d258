#include "qmail_log/transcript.h"

#include <gtest/gtest.h>

namespace sluice::qmail_log {
namespace {

using Said = Transcript::Said;

class Record : public testing::Test {
protected:
    Transcript transcript(bool full = false, Transcript::Role role = Transcript::Role::server) {
        Transcript::Settings settings;
        settings.session = 12345;
        settings.full = full;
        settings.role = role;
        settings.stamp = Stamp::none;
        return Transcript(settings, [this](std::string_view lines) { shown_ += lines; });
    }
    std::string shown_;
    const WallTime now_{};
};

// postoffice-and-qmail-features.md section 8.4
TEST_F(Record, ShowsWhoSaidWhat) {
    Transcript record = transcript();
    record.server_said("220 a.mx.jms1.net NO UCE ESMTP\r\n", now_);
    record.client_said("EHLO xyz", Said::command, now_);
    record.client_said("zy.not\r\n", Said::command, now_);
    record.server_said("250-STARTTLS\r\n250 HELP\r\n", now_);
    EXPECT_EQ(
        shown_,
        "12345 > 220 a.mx.jms1.net NO UCE ESMTP\n"
        "12345 < EHLO xyzzy.not\n"
        "12345 > 250-STARTTLS\n"
        "12345 > 250 HELP\n"
    );
}

TEST_F(Record, HidesPasswordsAndMail) {
    Transcript record = transcript();
    record.client_said("AUTH PLAIN AGFkYW0Ac2VjcmV0\r\n", Said::command, now_);
    record.client_said("secret body\r\n", Said::content, now_);
    record.client_said("more of it\r\n.\r\n", Said::content, now_);
    record.server_said("250 ok\r\n", now_);
    EXPECT_EQ(shown_, "12345 < AUTH PLAIN ...\n12345 < [28 octets of a message]\n12345 > 250 ok\n");
}

TEST_F(Record, HidesPasswordsOfAnyLength) {
    Transcript record = transcript();
    record.client_said("auth plain " + std::string(3000, 's'), Said::command, now_);
    record.client_said("ecret\r\n", Said::command, now_);
    record.server_said("220 mx\r\n535 5.7.8 no\r\n", now_);
    record.client_said("NOOP\r\n", Said::command, now_);
    EXPECT_EQ(shown_.find("sss"), std::string::npos) << shown_;
    EXPECT_EQ(shown_.find("ecret"), std::string::npos) << shown_;
    EXPECT_TRUE(shown_.ends_with("12345 < NOOP\n")) << shown_;
}

TEST_F(Record, HidesChallengesAndResponsesOnLinesOfTheirOwn) {
    Transcript record = transcript();
    record.server_said("220 mx\r\n", now_);
    record.client_said("AUTH LOGIN\r\n", Said::command, now_);
    record.server_said("334 VXNlcm5hbWU6\r\n", now_);
    record.client_said("YWRh", Said::command, now_);
    record.client_said("bQ==" + std::string(2000, 's') + "\r\n", Said::command, now_);
    record.server_said("334 UGFzc3dvcmQ6\r\n", now_);
    record.client_said("c2VjcmV0\r\n", Said::command, now_);
    record.server_said("535 5.7.8 no\r\n", now_);
    record.client_said("RSET\r\n", Said::command, now_);
    EXPECT_EQ(
        shown_,
        "12345 > 220 mx\n"
        "12345 < AUTH LOGIN\n"
        "12345 > 334 ...\n"
        "12345 < ...+\n"
        "12345 < +\n"
        "12345 < \n"
        "12345 > 334 ...\n"
        "12345 < ...\n"
        "12345 > 535 5.7.8 no\n"
        "12345 < RSET\n"
    );
}

TEST_F(Record, OfAClientShowsWhatItSaidAsOurs) {
    Transcript record = transcript(false, Transcript::Role::client);
    record.server_said("220 mx\r\n", now_);
    record.client_said("EHLO us\r\n", Said::command, now_);
    record.server_said("250 mx\r\n", now_);
    record.client_said("AUTH PLAIN AGFkYW0Ac2VjcmV0\r\n", Said::command, now_);
    record.client_said("text\r\n", Said::content, now_);
    record.finish(now_);
    EXPECT_EQ(
        shown_,
        "12345 < 220 mx\n12345 > EHLO us\n12345 < 250 mx\n12345 > AUTH PLAIN ...\n"
        "12345 > [6 octets of a message]\n"
    );
}

TEST_F(Record, ShowsMailWhereAskedTo) {
    Transcript record = transcript(true);
    record.client_said("Subject: x\r\n\r\nbody\r\n.\r\n", Said::content, now_);
    EXPECT_EQ(shown_, "12345 < Subject: x\n12345 < \n12345 < body\n12345 < .\n");
}

TEST_F(Record, MarksLinesThatGoOn) {
    Transcript record = transcript();
    record.client_said(std::string(2500, 'x'), Said::command, now_);
    record.client_said("yz", Said::command, now_);
    record.finish(now_);
    const std::string thousand(1000, 'x');
    EXPECT_EQ(
        shown_, "12345 < " + thousand + "+\n12345 < " + thousand + "+\n12345 < " +
                    std::string(500, 'x') + "yz+\n"
    );
}

TEST_F(Record, HostileTextStaysInItsLine) {
    Transcript record = transcript();
    record.client_said(std::string_view("a\0b\x1b[2J\xFF\rc\r\n", 12), Said::command, now_);
    EXPECT_EQ(shown_, "12345 < a\\x00b\\x1b[2J\\xff\\x0dc\n");
}

}  // namespace
}  // namespace sluice::qmail_log
