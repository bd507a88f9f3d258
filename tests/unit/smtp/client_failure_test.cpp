// A peer that fails at every step: silent, gone, closing, talking nonsense. Whatever it does, every
// recipient gets exactly one word, and it is "not now".
#include <gtest/gtest.h>

#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using client_event::Outcome;
using client_event::Unusable;
using testing::client_dialog;
using testing::ClientDialog;
using testing::message_to;
using testing::test_client_settings;
using Strings = std::vector<std::string>;

ClientDialog whole_script(bool pipelining) {
    auto script = client_dialog().greeting().message(message_to({"c@d", "e@f"}));
    if (pipelining) {
        script.offers({"PIPELINING"})
            .client("MAIL FROM:<a@b.example>")
            .client("RCPT TO:<c@d>")
            .client("RCPT TO:<e@f>")
            .client("DATA")
            .raw("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    } else {
        script.offers({})
            .client("MAIL FROM:<a@b.example>")
            .server("250 ok")
            .client("RCPT TO:<c@d>")
            .server("250 ok")
            .client("RCPT TO:<e@f>")
            .server("250 ok")
            .client("DATA")
            .server("354 go");
    }
    return script.content().server("250 ok").quit();
}

using Breakage = ClientDialog::Breakage;
class BrokenConnection : public ::testing::TestWithParam<std::tuple<bool, Breakage>> {};

TEST_P(BrokenConnection, LeavesEveryRecipientWithOneWord) {
    const auto [pipelining, breakage] = GetParam();
    auto script = whole_script(pipelining);
    for (std::size_t step = 0; step < script.steps(); ++step) {
        const auto outcome = script.run_broken(step, breakage);
        const bool begun = step > 2;  // greeting, EHLO, its reply
        EXPECT_EQ(outcome.recipients.size(), begun ? 2U : 0U) << "step " << step;
        const bool is_over = step + 2 >= script.steps();  // the reply to the dot has come
        for (const auto& done : outcome.recipients) {
            EXPECT_EQ(done.outcome, is_over ? Outcome::delivered : Outcome::temporary);
            EXPECT_EQ(done.possible_duplicate, !is_over && done.phase == Phase::dot);
        }
        EXPECT_EQ(outcome.finished, is_over);
        if (is_over) continue;
        ASSERT_TRUE(outcome.unusable);
        EXPECT_EQ(
            outcome.unusable->reason,
            breakage == Breakage::timeout ? Unusable::Reason::timeout : Unusable::Reason::lost
        );
    }
}

INSTANTIATE_TEST_SUITE_P(
    Everywhere,
    BrokenConnection,
    ::testing::Combine(
        ::testing::Bool(), ::testing::Values(Breakage::disconnect, Breakage::timeout)
    )
);

// The reply at each step replaced by something that is none, or that closes.
struct BadReply {
    const char* name;
    const char* text;
    Unusable::Reason reason;
};
class BadReplies : public ::testing::TestWithParam<BadReply> {};

TEST_P(BadReplies, AreTemporaryAtEveryStep) {
    const std::vector<std::pair<std::string, std::string>> steps{
        {"MAIL FROM:<a@b.example>", "250 ok"},
        {"RCPT TO:<c@d>", "250 ok"},
        {"RCPT TO:<e@f>", "250 ok"},
        {"DATA", "354 go"}};
    for (std::size_t bad = 0; bad <= steps.size(); ++bad) {
        auto script = client_dialog().greeting().offers({}).message(message_to({"c@d", "e@f"}));
        for (std::size_t i = 0; i <= bad && i < steps.size(); ++i)
            script.client(steps[i].first).server(i == bad ? GetParam().text : steps[i].second);
        if (bad == steps.size()) script.content().server(GetParam().text);
        const auto outcome = script.run();
        ASSERT_EQ(outcome.recipients.size(), 2U) << "step " << bad;
        for (const auto& done : outcome.recipients)
            EXPECT_EQ(done.outcome, Outcome::temporary) << "step " << bad;
        ASSERT_TRUE(outcome.unusable);
        EXPECT_EQ(outcome.unusable->reason, GetParam().reason);
        EXPECT_EQ(outcome.events[outcome.events.size() - 2], "TransactionDone 0");
    }
}

INSTANTIATE_TEST_SUITE_P(
    Replies,
    BadReplies,
    ::testing::Values(
        BadReply{"garbage", "Lorem ipsum", Unusable::Reason::nonsense},
        BadReply{"code_000", "000 ok", Unusable::Reason::nonsense},
        BadReply{"code_999", "999 ok", Unusable::Reason::nonsense},
        BadReply{"fake_continuation", "250-a\r\n354 b", Unusable::Reason::nonsense},
        BadReply{"wrong_intermediate", "334 what", Unusable::Reason::nonsense},
        BadReply{"closing", "421 4.3.2 bye", Unusable::Reason::closing}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(SmtpClientFailure, A250ToDataIsNonsense) {
    const auto outcome = client_dialog()
                             .greeting()
                             .offers({})
                             .message(message_to({"c@d"}))
                             .client("MAIL FROM:<a@b.example>")
                             .server("250 ok")
                             .client("RCPT TO:<c@d>")
                             .server("250 ok")
                             .client("DATA")
                             .server("250 already done")
                             .run();
    EXPECT_EQ(
        outcome.events, (Strings{
                            "Ready", "RecipientDone 0 temporary data: 250 already done",
                            "TransactionDone 0", "Unusable nonsense data: 250 already done"})
    );
}

TEST(SmtpClientFailure, A5MegabyteLineCostsNoMemory) {
    ClientSession session(std::make_shared<const ClientSettings>(test_client_settings()));
    const std::string piece(65536, 'x');
    bool over = false;
    for (int i = 0; i < 80; ++i) {
        std::string_view input = piece;
        over = std::holds_alternative<Unusable>(session.feed(input));
        if (over) break;
    }
    EXPECT_TRUE(over);
}

TEST(SmtpClientFailure, ARefusalInTheMiddleOfTheBodyCounts) {
    for (const auto& [reply, outcome] :
         {std::pair{"552 5.3.4 too big\r\n", Outcome::permanent},
          std::pair{"451 4.3.0 disk\r\n", Outcome::temporary},
          std::pair{"421 4.3.2 bye\r\n", Outcome::temporary},
          std::pair{"250 what?\r\n", Outcome::temporary}}) {
        ClientSession session(std::make_shared<const ClientSettings>(test_client_settings()));
        const auto hear = [&](const std::string& octets) {
            std::vector<client_event::RecipientDone> done;
            std::string_view input = octets;
            while (true) {
                const ClientEvent event = session.feed(input);
                if (const auto* word = std::get_if<client_event::RecipientDone>(&event))
                    done.push_back(*word);
                if (std::holds_alternative<client_event::NeedInput>(event) ||
                    std::holds_alternative<client_event::AwaitShell>(event) ||
                    std::holds_alternative<Unusable>(event))
                    return done;
            }
        };
        hear("220 x\r\n");
        hear("250-x\r\n250 PIPELINING\r\n");
        session.begin(message_to({"c@d"}).envelope);
        hear("");
        hear("250 ok\r\n250 ok\r\n354 go\r\n");
        session.append_body("half a message");
        const auto done = hear(reply);
        ASSERT_EQ(done.size(), 1U) << reply;
        EXPECT_EQ(done[0].outcome, outcome) << reply;
        EXPECT_FALSE(done[0].possible_duplicate);
        session.append_body("ignored");
        session.end_body();
        EXPECT_EQ(session.take_output().find("ignored"), std::string::npos);
    }
}

TEST(SmtpClientFailure, AnAbandonedBodyIsNeverEnded) {
    ClientSession session(std::make_shared<const ClientSettings>(test_client_settings()));
    const auto hear = [&](const std::string& octets) {
        std::string_view input = octets;
        std::string last;
        while (true) {
            const ClientEvent event = session.feed(input);
            last += to_debug_string(event) + '|';
            if (std::holds_alternative<client_event::NeedInput>(event) ||
                std::holds_alternative<client_event::AwaitShell>(event) ||
                std::holds_alternative<Unusable>(event))
                return last;
        }
    };
    hear("220 x\r\n");
    hear("250 x\r\n");
    session.begin(message_to({"c@d"}).envelope);
    hear("");
    hear("250 ok\r\n");
    hear("250 ok\r\n");
    hear("354 go\r\n");
    (void)session.take_output();
    session.append_body("text\r\n");
    session.abandon_body("message file is damaged");
    EXPECT_EQ(
        hear(""),
        "RecipientDone 0 temporary body: message file is damaged|TransactionDone 0|"
        "Unusable lost body: message file is damaged|"
    );
    EXPECT_EQ(session.take_output(), "text\r\n");
}

TEST(SmtpClientFailure, UnaskedRepliesMakeTheConnectionUnusable) {
    auto outcome = client_dialog().greeting().raw("250 x\r\n250 y\r\n").run_once({});
    EXPECT_EQ(outcome.events, (Strings{"Ready", "Unusable nonsense idle: 250 y"}));
    outcome = client_dialog().greeting().raw("250 x\r\n421 4.4.2 idle too long\r\n").run_once({});
    EXPECT_EQ(outcome.events, (Strings{"Ready", "Unusable closing idle: 421 4.4.2 idle too long"}));
}

TEST(SmtpClientFailure, LmtpPeerGoneHalfWayThroughItsReplies) {
    auto settings = test_client_settings();
    settings.protocol = ClientSettings::Protocol::lmtp;
    auto script = client_dialog(settings)
                      .server("220 store LMTP")
                      .client("LHLO mail.sesta.com")
                      .offers({"PIPELINING"})
                      .message(message_to({"1@d", "2@d"}))
                      .client("MAIL FROM:<a@b.example>")
                      .client("RCPT TO:<1@d>")
                      .client("RCPT TO:<2@d>")
                      .client("DATA")
                      .raw("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n")
                      .content()
                      .server("250 stored");
    const auto outcome = script.run_broken(script.steps(), Breakage::disconnect);
    ASSERT_EQ(outcome.recipients.size(), 2U);
    EXPECT_EQ(outcome.recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(outcome.recipients[1].outcome, Outcome::temporary);
    EXPECT_TRUE(outcome.recipients[1].possible_duplicate);
}

TEST(SmtpClientFailure, ARefusedResetMakesTheConnectionUnusable) {
    const auto outcome = client_dialog()
                             .greeting()
                             .offers({})
                             .message(message_to({"c@d"}))
                             .message(message_to({"e@f"}))
                             .client("MAIL FROM:<a@b.example>")
                             .server("550 no")
                             .client("RSET")
                             .server("500 what?")
                             .run();
    EXPECT_EQ(outcome.events[3], "RecipientDone 0 temporary reset: 500 what?");
    EXPECT_EQ(outcome.unusable->reason, Unusable::Reason::nonsense);
}

}  // namespace
}  // namespace sluice::smtp
