// A service under stress, and deliveries that do not keep up.
#include "base/limit_hits.h"
#include "dialogue_fixture.h"
#include "support/manual_clock.h"

namespace sluice::smtp_server {
namespace {

using std::chrono::milliseconds;
using testing::StartsWith;

class DialoguePressureTest : public DialogueTest {
protected:
    void begin() {
        connect();
        context_->pressure = &pressure_;
    }
    std::string send_message() {
        say("MAIL FROM:<harold@varrius.com>");
        say("RCPT TO:<adam@example.com>");
        say("DATA");
        return turn("Subject: x\r\n\r\ny\r\n.\r\n");
    }

    test::ManualClock clock_;
    Pressure pressure_{clock_};
};

TEST_F(DialoguePressureTest, FewerBadCommandsAreTakenUnderStress) {
    begin();
    pressure_.set(true, {});
    say("EHLO client.test");
    for (int i = 0; i < 4; ++i) EXPECT_THAT(say("XYZZY"), StartsWith("500 ")) << i;
    EXPECT_THAT(say("XYZZY"), testing::HasSubstr("421 "));
    EXPECT_EQ(last_step_, Step::close);
}

TEST_F(DialoguePressureTest, WithoutStressThereIsTheUsualPatience) {
    begin();
    say("EHLO client.test");
    for (int i = 0; i < 19; ++i) EXPECT_THAT(say("XYZZY"), StartsWith("500 ")) << i;
    EXPECT_THAT(say("XYZZY"), testing::HasSubstr("421 "));
}

TEST_F(DialoguePressureTest, WhoIsSlowedDownKeepsItsPlaceForASecondAtMost) {
    changes_["mappings"] = "FROM_ACCESS\n\n  *  $Y$D3000|\n";
    begin();
    say("EHLO client.test");
    say("MAIL FROM:<harold@varrius.com>");
    EXPECT_EQ(paused_, milliseconds(30000));
    pressure_.set(true, {});
    say("NOOP");
    EXPECT_EQ(paused_, milliseconds(31000));
}

TEST_F(DialoguePressureTest, MessagesBeyondTheShareWaitForTheir250) {
    changes_["tcp_local_option"] = "INFLOW_RATE=1\n";
    begin();
    pressure_.set(false, {"*"});
    say("EHLO client.test");
    EXPECT_THAT(send_message(), StartsWith("250 "));
    EXPECT_EQ(paused_, milliseconds(0));
    for (int i = 0; i < 5; ++i) EXPECT_THAT(send_message(), StartsWith("250 "));
    EXPECT_EQ(paused_, milliseconds(5000));
    clock_.advance(std::chrono::seconds(2));
    EXPECT_THAT(send_message(), StartsWith("250 "));
    EXPECT_EQ(paused_, milliseconds(5000)) << "it has waited long enough by itself";
    EXPECT_THAT(send_message(), StartsWith("250 "));
    EXPECT_EQ(paused_, milliseconds(6000));
    pressure_.set(false, {});
    EXPECT_THAT(send_message(), StartsWith("250 "));
    EXPECT_EQ(paused_, milliseconds(6000));
}

TEST_F(DialoguePressureTest, MailForOtherChannelsDoesNotWait) {
    changes_["tcp_local_option"] = "INFLOW_RATE=1\n";
    begin();
    pressure_.set(false, {"some_other_channel"});
    say("EHLO client.test");
    for (int i = 0; i < 5; ++i) EXPECT_THAT(send_message(), StartsWith("250 "));
    EXPECT_EQ(paused_, milliseconds(0));
}

}  // namespace
}  // namespace sluice::smtp_server
