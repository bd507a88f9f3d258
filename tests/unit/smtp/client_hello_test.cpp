// The client's way to the first message: greeting, EHLO, STARTTLS, AUTH.
#include <gtest/gtest.h>

#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using client_event::Unusable;
using testing::client_dialog;
using testing::message_to;
using testing::test_client_settings;
using Strings = std::vector<std::string>;

TEST(SmtpClient, SaysEhlo) {
    const auto outcome = client_dialog().greeting().offers({"PIPELINING"}).quit().run();
    EXPECT_EQ(outcome.events, (Strings{"Ready", "Finished"}));
}

TEST(SmtpClient, FallsBackToHelo) {
    for (const std::string refusal : {"500 what?", "502 5.5.1 no", "550 no"}) {
        const auto outcome = client_dialog()
                                 .greeting()
                                 .server(refusal)
                                 .client("HELO mail.sesta.com")
                                 .server("250 peer")
                                 .quit()
                                 .run();
        EXPECT_EQ(outcome.events, (Strings{"Ready", "Finished"}));
    }
}

TEST(SmtpClient, ChoosesEhloByKeywordAndBanner) {
    using Hello = ClientSettings::Hello;
    for (const auto& [hello, banner, verb] : {
             std::tuple{Hello::by_default, "220 x SMTP", "EHLO"},
             std::tuple{Hello::by_default, "220 x Fire Away", "HELO"},
             std::tuple{Hello::ehlo, "220 x fire away", "EHLO"},
             std::tuple{Hello::check_banner, "220 x ESMTP", "EHLO"},
             std::tuple{Hello::check_banner, "220 x SMTP", "HELO"},
             std::tuple{Hello::never_ehlo, "220 x ESMTP", "HELO"},
         }) {
        auto settings = test_client_settings();
        settings.hello = hello;
        client_dialog(settings)
            .server(banner)
            .client(std::string(verb) + " mail.sesta.com")
            .server("250 peer")
            .quit()
            .run();
    }
}

TEST(SmtpClient, KeepsTheBanner) {
    ClientSession session(std::make_shared<const ClientSettings>(test_client_settings()));
    const std::string octets = "220-THOR.SIROE.COM -- Server ESMTP\r\n220 [iMS V5.0 #8694]\r\n";
    std::string_view input = octets;
    session.feed(input);
    EXPECT_EQ(session.banner(), "THOR.SIROE.COM -- Server ESMTP [iMS V5.0 #8694]");
}

struct RefusalRow {
    const char* name;
    const char* greeting;
    const char* expected;
};
class RefusedGreeting : public ::testing::TestWithParam<RefusalRow> {};

TEST_P(RefusedGreeting, MakesTheConnectionUnusable) {
    const auto outcome = client_dialog().server(GetParam().greeting).run();
    EXPECT_EQ(outcome.events, Strings{GetParam().expected});
}

INSTANTIATE_TEST_SUITE_P(
    Greetings,
    RefusedGreeting,
    ::testing::Values(
        RefusalRow{"busy", "421 4.3.2 busy", "Unusable refused greeting: 421 4.3.2 busy"},
        RefusalRow{"later", "450 later", "Unusable refused greeting: 450 later"},
        RefusalRow{
            "never", "554 5.7.1 no service", "Unusable refused greeting: 554 5.7.1 no service"},
        RefusalRow{"intermediate", "354 go", "Unusable nonsense greeting: 354 go"},
        RefusalRow{"code_000", "000 x", "Unusable nonsense greeting: reply without a valid code"},
        RefusalRow{
            "garbage", "SSH-2.0-OpenSSH", "Unusable nonsense greeting: reply without a valid code"},
        RefusalRow{
            "fake_continuation", "220-x\r\n250 y",
            "Unusable nonsense greeting: reply with different codes on its lines"}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(SmtpClient, GivesUpWhenHelloIsRefused) {
    auto outcome = client_dialog().greeting().server("451 later").run();
    EXPECT_EQ(outcome.events, Strings{"Unusable refused hello: 451 later"});
    outcome = client_dialog()
                  .greeting()
                  .server("500 no")
                  .client("HELO mail.sesta.com")
                  .server("550 5.7.1 bad name")
                  .run();
    EXPECT_EQ(outcome.events, Strings{"Unusable refused hello: 550 5.7.1 bad name"});
}

TEST(SmtpClient, UsesTlsWhenItMay) {
    auto settings = test_client_settings();
    settings.tls = ClientSettings::Need::may;
    auto outcome = client_dialog(settings)
                       .greeting()
                       .offers({"STARTTLS"})
                       .client("STARTTLS")
                       .server("220 go")
                       .client("EHLO mail.sesta.com")
                       .offers({"PIPELINING"})
                       .quit()
                       .run();
    EXPECT_EQ(outcome.events, (Strings{"StartTls", "Ready", "Finished"}));
    outcome = client_dialog(settings)
                  .greeting()
                  .offers({"STARTTLS"})
                  .client("STARTTLS")
                  .server("454 4.7.0 not now")
                  .quit()
                  .run();
    EXPECT_EQ(outcome.events, (Strings{"Ready", "Finished"}));
    client_dialog(settings).greeting().offers({}).quit().run();
}

TEST(SmtpClient, DoesNothingWithoutTlsWhenItMust) {
    auto settings = test_client_settings();
    settings.tls = ClientSettings::Need::must;
    auto outcome = client_dialog(settings).greeting().offers({"DSN"}).run();
    EXPECT_EQ(outcome.events, Strings{"Unusable no tls starttls: TLS is required and not offered"});
    outcome = client_dialog(settings)
                  .greeting()
                  .offers({"STARTTLS"})
                  .client("STARTTLS")
                  .server("454 4.7.0 not now")
                  .run();
    EXPECT_EQ(outcome.events, Strings{"Unusable no tls starttls: 454 4.7.0 not now"});
    outcome = client_dialog(settings)
                  .greeting()
                  .server("502 no")
                  .client("HELO mail.sesta.com")
                  .server("250 ok")
                  .run();
    EXPECT_EQ(outcome.unusable->reason, Unusable::Reason::no_tls);
}

// RFC 3207: replies injected before the handshake.
TEST(SmtpClient, TrustsNoRepliesSentBeforeTheHandshake) {
    auto settings = test_client_settings();
    settings.tls = ClientSettings::Need::may;
    auto outcome = client_dialog(settings)
                       .greeting()
                       .offers({"STARTTLS"})
                       .client("STARTTLS")
                       .raw("220 go\r\n250 injected\r\n")
                       .run_once({});
    EXPECT_EQ(
        outcome.events, Strings{"Unusable nonsense starttls: octets before the TLS handshake"}
    );
}

TEST(SmtpClient, FailedHandshakeMakesTheConnectionUseless) {
    auto settings = test_client_settings();
    settings.tls = ClientSettings::Need::may;
    ClientSession session(std::make_shared<const ClientSettings>(settings));
    for (const std::string_view reply :
         {"220 peer.example\r\n", "250-peer\r\n250 STARTTLS\r\n", "220 go\r\n"}) {
        std::string_view input = reply;
        session.feed(input);
    }
    session.tls_failed("TLS handshake failed: no shared cipher");
    std::string_view nothing;
    EXPECT_EQ(
        to_debug_string(session.feed(nothing)),
        "Unusable bad tls starttls: TLS handshake failed: no shared cipher"
    );
}

// What is sent then would be refused for good.
TEST(SmtpClient, ALogInThatFailedEndsTheSessionEvenWhereItWasNotDemanded) {
    auto settings = test_client_settings();
    settings.auth = ClientSettings::Need::may;
    ClientSession session(std::make_shared<const ClientSettings>(settings));
    for (const std::string_view reply :
         {"220 peer.example\r\n", "250-peer\r\n250 AUTH PLAIN\r\n"}) {
        std::string_view input = reply;
        session.feed(input);
    }
    session.auth_command("AUTH PLAIN AGEAYg==");
    std::string_view refusal = "535 5.7.8 no\r\n";
    EXPECT_EQ(to_debug_string(session.feed(refusal)), "AuthReply 535 5.7.8 no");
    session.auth_failed("authentication failed");
    std::string_view nothing;
    EXPECT_EQ(
        to_debug_string(session.feed(nothing)), "Unusable no auth auth: authentication failed"
    );
    EXPECT_FALSE(session.is_authenticated());
}

// RFC 4954 section 5: only a server that we are logged in at is told who submitted.
TEST(SmtpClient, TellsWhoSubmittedWhereItIsLoggedIn) {
    auto settings = test_client_settings();
    auto message = message_to({"c@d.example"});
    message.envelope.auth = "amy+2Bx@example.com";
    client_dialog(settings)
        .message(message)
        .greeting()
        .offers({"AUTH PLAIN"})
        .client("MAIL FROM:<a@b.example>")
        .server("550 5.7.1 no")
        .quit()
        .run();
    settings.auth = ClientSettings::Need::may;
    client_dialog(settings)
        .message(message)
        .greeting()
        .offers({"AUTH PLAIN"})
        .client("AUTH PLAIN AGEAYg==")
        .server("235 2.7.0 fine")
        .client("MAIL FROM:<a@b.example> AUTH=amy+2Bx@example.com")
        .server("550 5.7.1 no")
        .quit()
        .run();
}

TEST(SmtpClient, AuthenticatesWhenItMay) {
    auto settings = test_client_settings();
    settings.auth = ClientSettings::Need::may;
    auto outcome = client_dialog(settings)
                       .greeting()
                       .offers({"AUTH PLAIN"})
                       .client("AUTH PLAIN AGEAYg==")
                       .server("235 2.7.0 fine")
                       .quit()
                       .run();
    EXPECT_EQ(
        outcome.events, (Strings{"AskAuth", "AuthReply 235 2.7.0 fine", "Ready", "Finished"})
    );
    settings.auth = ClientSettings::Need::must;
    outcome = client_dialog(settings)
                  .greeting()
                  .offers({"AUTH PLAIN"})
                  .client("AUTH PLAIN AGEAYg==")
                  .server("535 5.7.8 no")
                  .run();
    EXPECT_EQ(outcome.unusable->reason, Unusable::Reason::no_auth);
    outcome = client_dialog(settings).greeting().offers({}).run();
    EXPECT_EQ(outcome.unusable->reason, Unusable::Reason::no_auth);
}

TEST(SmtpClient, SpeaksLmtp) {
    auto settings = test_client_settings();
    settings.protocol = ClientSettings::Protocol::lmtp;
    client_dialog(settings)
        .server("220 store LMTP")
        .client("LHLO mail.sesta.com")
        .offers({"PIPELINING"})
        .quit()
        .run();
    const auto outcome = client_dialog(settings)
                             .server("220 store LMTP")
                             .client("LHLO mail.sesta.com")
                             .server("500 what?")
                             .run();
    EXPECT_EQ(outcome.events, Strings{"Unusable refused hello: 500 what?"});
}

TEST(SmtpClient, NamesTheDeadlineInForce) {
    ClientSession session(std::make_shared<const ClientSettings>(test_client_settings()));
    EXPECT_EQ(session.phase(), Phase::greeting);
    const auto hear = [&](const std::string& octets) {
        std::string_view input = octets;
        while (true) {
            const ClientEvent event = session.feed(input);
            if (std::holds_alternative<client_event::NeedInput>(event) ||
                std::holds_alternative<client_event::AwaitShell>(event))
                return;
        }
    };
    hear("220 x\r\n");
    EXPECT_EQ(session.phase(), Phase::hello);
    hear("250-x\r\n250 PIPELINING\r\n");
    EXPECT_EQ(session.phase(), Phase::idle);
    session.begin(testing::message_to({"c@d"}).envelope);
    hear("");
    EXPECT_EQ(session.phase(), Phase::mail);
    hear("250 ok\r\n");
    EXPECT_EQ(session.phase(), Phase::rcpt);
    hear("250 ok\r\n");
    EXPECT_EQ(session.phase(), Phase::data);
    hear("354 go\r\n");
    EXPECT_EQ(session.phase(), Phase::body);
    session.end_body();
    EXPECT_EQ(session.phase(), Phase::dot);
    hear("250 ok\r\n");
    EXPECT_EQ(session.phase(), Phase::idle);
    session.quit();
    EXPECT_EQ(session.phase(), Phase::quit);
}

}  // namespace
}  // namespace sluice::smtp
