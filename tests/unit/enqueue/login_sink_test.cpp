#include "enqueue/login_sink.h"

#include <gtest/gtest.h>

namespace sluice::enqueue {
namespace {

TEST(LoginAttempt, IsWhatTheEventSays) {
    log::Event event;
    event.kind = log::EventKind::authentication;
    event.transport = log::Transport{
        {*IpAddress::parse("192.0.2.1"), 587}, {*IpAddress::parse("2001:db8::7"), 4711}};
    event.username = "*eve";
    event.command = "SCRAM-SHA-256";
    event.message_info = "account disabled";
    const service_log::LoginAttempt attempt = login_attempt(event);
    EXPECT_EQ(service_log::login_text(attempt), "login [2001:db8::7:4711] eve SCRAM-SHA-256");
    EXPECT_EQ(
        service_log::bad_login_text(attempt),
        "badlogin: [2001:db8::7:4711] SCRAM-SHA-256 eve account disabled"
    );
    event.message_info = "Bad password";
    EXPECT_EQ(
        service_log::bad_login_text(login_attempt(event)),
        "badlogin: [2001:db8::7:4711] SCRAM-SHA-256 eve authentication failure"
    ) << "it may be that there is no such user";
}

}  // namespace
}  // namespace sluice::enqueue
