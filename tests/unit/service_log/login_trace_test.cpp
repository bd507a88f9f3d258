#include "service_log/login_trace.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice::service_log {
namespace {

LoginAttempt attempt() {
    return {{*IpAddress::parse("192.0.2.7"), 4711}, "eve", "PLAIN", ""};
}

TEST(LoginTrace, NamesClientUserAndMechanism) {
    EXPECT_EQ(login_text(attempt()), "login [192.0.2.7:4711] eve PLAIN");
    LoginAttempt refused = attempt();
    EXPECT_EQ(
        bad_login_text(refused), "badlogin: [192.0.2.7:4711] PLAIN eve authentication failure"
    );
    refused.reason = "account disabled (hold)";
    refused.user = "user3 login [1.2.3.4:5] root";
    refused.mechanism.clear();
    EXPECT_EQ(
        bad_login_text(refused),
        "badlogin: [192.0.2.7:4711] - user3\\x20login\\x20[1.2.3.4:5]\\x20root account disabled "
        "(hold)"
    );
}

class LoginTracing : public testing::Test {
protected:
    LoginTracing() { settings_.log_directory = scratch_.path(""); }
    void attempts() {
        Writer writer;
        writer.host = "host";
        writer.process = "tcp_smtp_server";
        LoginTracer tracer(settings_, "imta", writer);
        tracer.logged_in(attempt());
        tracer.refused(attempt());
    }
    std::string text(const std::string& name) {
        const auto file = read_file(scratch_.path(name));
        return file ? *file : std::string();
    }

    test::ScratchDirectory scratch_;
    Settings settings_;
};

TEST_F(LoginTracing, FailuresAreNotedUnlessTheyAreSwitchedOff) {
    attempts();
    EXPECT_NE(text("imta").find("Account Notice: badlogin: [192.0.2.7:4711] "), std::string::npos);
    EXPECT_EQ(text("imta").find(": login "), std::string::npos) << "below the default level";
    EXPECT_EQ(text("msgtrace"), "");
}

TEST_F(LoginTracing, TheTraceHasBoth) {
    settings_.message_trace = MessageTrace::single;
    attempts();
    EXPECT_NE(
        text("msgtrace").find("Account Information: login [192.0.2.7:4711] eve PLAIN\n"),
        std::string::npos
    );
    EXPECT_NE(text("msgtrace").find("Account Notice: badlogin: "), std::string::npos);
    EXPECT_NE(text("imta").find("Account Notice: badlogin: "), std::string::npos);
}

}  // namespace
}  // namespace sluice::service_log
