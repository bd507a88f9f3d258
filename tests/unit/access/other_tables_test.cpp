#include "access/other_tables.h"

#include <gtest/gtest.h>

#include "support/mapping_examples.h"

namespace sluice::access {
namespace {

class OtherTables : public testing::Test {
protected:
    Context context() { return {tables_, options_, answers_}; }

    mapping::TableSet tables_ = test::load_text(
        "AUTH_ACCESS\n\n"
        "  *|SMTP*|PLAIN|guest|tcp_local   $NGuests$ stay$ out\n"
        "  *|LOGIN|*                       $N\n"
        "  *                               $Y\n\n"
        "ETRN_ACCESS\n\n"
        "  *|SMTP*|evil|*     $NNot$ you\n"
        "  *|mute|*           $F\n"
        "  *|backup|*         $Dtcp_backup\n"
        "  *|friend|*         $S\n\n"
        "IP_ACCESS\n\n"
        "  tcp_local|1|*|192.0.2.1|*     $I\n"
        "  tcp_local|*|*|192.0.2.2|*     $A192.0.2.77\n"
        "  tcp_local|*|*|192.0.2.3|*     $NNo$ mail$ to$ $2\n"
        "  tcp_local|*|*|192.0.2.4|*     $Anowhere\n\n"
        "HTTP_ACCESS\n\n"
        "  127.0.0.1|*|127.0.0.1|7633|GET|/dispatcher/secret  $N\n"
        "  127.0.0.1|*|127.0.0.1|7633|GET|/dispatcher/*  $Y\n"
        "  127.0.0.1|*|127.0.0.1|7633|GET|/other/*  $NNo\n"
        "  127.0.0.9|*|*|*|*|*  someone\n\n"
        "DEQUEUE_ACCESS\n\n"
        "  tcp_slow|*|-1|*          $N\n"
        "  tcp_slow|*|amy@x|*|urgent|*  $Y\n"
        "  tcp_slow|*|*|5           $N$S900\n"
        "  tcp_slow|*|vip,x|*       $N$Ssoon\n"
    );
    Options options_;
    mapping::NoAnswers answers_;
};

TEST_F(OtherTables, AuthAccessRefusesLogins) {
    Session session;
    session.app = {AppInfo::Protocol::smtp, "pc", ""};
    const auto check = [&](const char* mechanism, const char* user) {
        return check_auth(context(), session, mechanism, user, "tcp_local").to_debug_string();
    };
    EXPECT_EQ(check("PLAIN", "guest"), "refuse 535 5.7.8 Guests stay out [-]");
    EXPECT_EQ(check("LOGIN", "amy"), "refuse 535 5.7.8 authentication not permitted [-]");
    EXPECT_EQ(check("PLAIN", "amy"), "permit [-]");
}

TEST_F(OtherTables, HttpAccessPermitsOnlyWhatItNames) {
    const auto check = [&](const char* client, const char* method, const char* path) {
        return check_http(
            context(), {{*IpAddress::parse(client), 4711},
                        {*IpAddress::parse("127.0.0.1"), 7633},
                        method,
                        path}
        );
    };
    EXPECT_TRUE(check("127.0.0.1", "GET", "/dispatcher/"));
    EXPECT_TRUE(check("127.0.0.1", "GET", "/dispatcher/workers"));
    EXPECT_FALSE(check("127.0.0.1", "GET", "/dispatcher/secret"));
    EXPECT_FALSE(check("127.0.0.1", "HEAD", "/dispatcher/"));
    EXPECT_FALSE(check("127.0.0.1", "GET", "/other/"));
    EXPECT_FALSE(check("127.0.0.2", "GET", "/dispatcher/"));
    EXPECT_FALSE(check("127.0.0.9", "GET", "/dispatcher/")) << "no flag, no consent";
    tables_ = test::load_text("AUTH_ACCESS\n\n  *  $Y\n");
    EXPECT_FALSE(check("127.0.0.1", "GET", "/dispatcher/")) << "no table, no consent";
}

TEST_F(OtherTables, EtrnAccessChoosesWhatToRun) {
    using Action = EtrnVerdict::Action;
    Session session;
    session.app = {AppInfo::Protocol::smtp, "pc", ""};
    const auto check = [&](const char* system) {
        return check_etrn(context(), session, system, "host.example");
    };
    EXPECT_EQ(check("evil").action, Action::refuse);
    EXPECT_EQ(check("evil").reply.to_wire(), "459 4.5.0 Not you\r\n");
    EXPECT_EQ(check("mute").reply.to_wire(), "459 4.5.0 ETRN not permitted\r\n");
    EXPECT_EQ(check("backup").action, Action::run_channel);
    EXPECT_EQ(check("backup").channel, "tcp_backup");
    EXPECT_EQ(check("friend").action, Action::attempt);
    EXPECT_EQ(check("other").action, Action::by_channel);
}

TEST_F(OtherTables, IpAccessSteersConnections) {
    using Action = OutboundVerdict::Action;
    const auto check = [&](const char* address, std::uint64_t number = 1) {
        return check_outbound(
            context(), {"tcp_local", number, 2, *IpAddress::parse(address), "mx.example"}
        );
    };
    EXPECT_EQ(check("192.0.2.1").action, Action::skip);
    EXPECT_EQ(check("192.0.2.1", 2).action, Action::connect);
    EXPECT_EQ(check("192.0.2.2").instead, IpAddress::parse("192.0.2.77"));
    EXPECT_EQ(check("192.0.2.3").action, Action::fail_message);
    EXPECT_EQ(check("192.0.2.3").text, "No mail to mx.example");
    EXPECT_EQ(check("192.0.2.4").action, Action::connect);
    EXPECT_EQ(check("192.0.2.4").warnings.size(), 1U);
}

TEST_F(OtherTables, DequeueAccessPostpones) {
    QueuedMessage message;
    message.channel = "tcp_slow";
    EXPECT_TRUE(check_dequeue(context(), message).postpone);
    message.queue_time = std::chrono::seconds(60);
    EXPECT_FALSE(check_dequeue(context(), message).postpone);
    message.envelope_from = "amy@x";
    message.priority = "urgent";
    EXPECT_FALSE(check_dequeue(context(), message).postpone);
    message.priority = "normal";
    options_.include_retries = 2;
    message.retries = 5;
    EXPECT_EQ(check_dequeue(context(), message).next_attempt_after, std::chrono::minutes(15));
    message.retries = 4;
    options_.include_conversiontag = 4096;
    message.conversion_tags = {"vip", "x"};
    const auto odd = check_dequeue(context(), message);
    EXPECT_TRUE(odd.postpone);
    EXPECT_FALSE(odd.next_attempt_after);
    EXPECT_EQ(odd.warnings.size(), 1U);
}

}  // namespace
}  // namespace sluice::access
