// DATA: the end mark, bare line ends, sizes, refusals.
#include <gtest/gtest.h>

#include "support/dialog.h"

namespace sluice::smtp {
namespace {

using testing::dialog;
using testing::test_server_settings;
using Strings = std::vector<std::string>;

struct EndRow {
    const char* name;
    std::string ending;
};
class SmuggledEnd : public ::testing::TestWithParam<EndRow> {};

TEST_P(SmuggledEnd, RefusesTheWholeMessageAndHidesNothing) {
    const auto outcome =
        dialog()
            .hello()
            .mail_and_recipient()
            .data()
            .raw(
                "text" + GetParam().ending +
                "MAIL FROM:<evil@x>\r\nRCPT TO:<victim@y>\r\nDATA\r\nsmuggled\r\n.\r\n"
            )
            .server("550 5.6.11 Message contains a CR or LF that is not part of CR LF")
            .client("NOOP")
            .server("250 2.5.0 Ok.")
            .client("DATA")
            .server("503 5.5.1 No MAIL FROM: command has been given.")
            .run();
    EXPECT_EQ(outcome.messages, Strings{});
    EXPECT_EQ(
        outcome.actions, (Strings{
                             "AskMail <a@b.example>", "AskRecipient <c@d.example>", "BeginData",
                             "Abort refused in data: 550 5.6.11 Message contains a CR or LF that "
                             "is not part of CR LF"})
    );
}

INSTANTIATE_TEST_SUITE_P(
    Endings,
    SmuggledEnd,
    ::testing::Values(
        EndRow{"lf_dot_lf", "\n.\n"},
        EndRow{"lf_dot_crlf", "\n.\r\n"},
        EndRow{"crlf_dot_lf", "\r\n.\n"},
        EndRow{"cr_dot_cr", "\r.\r"},
        EndRow{"crlf_dot_cr", "\r\n.\r"},
        EndRow{"cr_dot_crlf", "\r.\r\n"},
        EndRow{"crcrlf", "\r\r\n.\r\r\n"},
        EndRow{"nul_in_crlf", std::string("\r\0\n.\r\n", 6)}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(SmtpServerData, TakesAnEmptyMessage) {
    const auto outcome =
        dialog().hello().mail_and_recipient().data().raw(".\r\n").server_starts("250 ").run();
    EXPECT_EQ(outcome.messages, Strings{""});
}

TEST(SmtpServerData, ReportsNulAndEightBit) {
    const auto outcome = dialog()
                             .hello()
                             .mail_and_recipient()
                             .data()
                             .raw(std::string("a\0\xff\r\n.\r\n", 8))
                             .server_starts("250 ")
                             .run();
    EXPECT_EQ(outcome.messages, Strings{std::string("a\0\xff\r\n", 5)});
    EXPECT_EQ(outcome.actions.back(), "EndData 5 8bit nul");
}

struct SizeRow {
    const char* name;
    std::size_t octets;
    bool fits;
};
class MessageSize : public ::testing::TestWithParam<SizeRow> {};

TEST_P(MessageSize, IsLimitedToTheOctet) {
    auto settings = test_server_settings();
    settings.message_size = 2048;
    // Dots added for transparency do not count.
    const std::string text = ".." + std::string(GetParam().octets - 3, 'x') + "\r\n";
    std::string lines;
    for (std::size_t at = 0; at < text.size(); at += 1) lines += text[at];
    settings.text_line = 4096;
    auto script = dialog(settings).hello().mail_and_recipient().data().raw(lines + ".\r\n");
    if (GetParam().fits)
        script.server_starts("250 2.5.0 Ok");
    else
        script.server("552 5.2.3 channel limit of 2 kilobytes on message size exceeded");
    script.client("NOOP").server("250 2.5.0 Ok.");
    const auto outcome = script.run_once({});
    const auto singly = script.run_once({testing::Cut::Kind::octets});
    EXPECT_EQ(outcome.actions, singly.actions);
    EXPECT_EQ(outcome.messages.size(), GetParam().fits ? 1U : 0U);
    EXPECT_EQ(
        outcome.actions.back(),
        GetParam().fits
            ? "EndData " + std::to_string(GetParam().octets)
            : "Abort refused in data: 552 5.2.3 channel limit of 2 kilobytes on message "
              "size exceeded"
    );
}

INSTANTIATE_TEST_SUITE_P(
    Limits,
    MessageSize,
    ::testing::Values(
        SizeRow{"less", 2047, true}, SizeRow{"equal", 2048, true}, SizeRow{"more", 2049, false}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(SmtpServerData, RefusesADeclaredSizeAtMail) {
    auto settings = test_server_settings();
    settings.message_size = 2048;
    const auto outcome =
        dialog(settings)
            .hello()
            .client("MAIL FROM:<a@b> SIZE=2049")
            .server("552 5.3.4 channel limit of 2 kilobytes on message size exceeded")
            .client("MAIL FROM:<a@b> SIZE=2048")
            .server("250 2.5.0 Address and options OK.")
            .run();
    EXPECT_EQ(
        outcome.actions.front(),
        "Refused sender <a@b>: 552 5.3.4 channel limit of 2 kilobytes on message size exceeded"
    );
}

TEST(SmtpServerData, GivesUpOnAMessageWithoutEnd) {
    auto settings = test_server_settings();
    settings.message_size = 100;
    settings.discard_ceiling = 500;
    ServerSession session(std::make_shared<const ServerSettings>(settings));
    auto outcome = dialog(settings)
                       .hello()
                       .mail_and_recipient()
                       .data()
                       .raw(std::string(50, 'x') + "\r\n" + std::string(900, 'y'))
                       .server("421 4.7.0 Input without end")
                       .run();
    EXPECT_EQ(outcome.actions.back(), "Close endless input");
    EXPECT_EQ(outcome.actions[outcome.actions.size() - 2], "Abort closed in data");
}

TEST(SmtpServerData, LongLinesAreTreatedAsConfigured) {
    auto settings = test_server_settings();
    const std::string line(1100, 'x');
    const std::string cut(998, 'x');
    auto script = [&] {
        return dialog(settings).hello().mail_and_recipient().data().raw(line + "\r\n.\r\n");
    };
    auto outcome = script().server_starts("250 ").run_once({});
    EXPECT_EQ(outcome.messages, Strings{cut + "\r\n"});
    settings.long_lines = LongLines::wrap;
    outcome = script().server_starts("250 ").run_once({});
    EXPECT_EQ(outcome.messages, Strings{cut + "\r\n" + std::string(102, 'x') + "\r\n"});
    settings.long_lines = LongLines::reject;
    outcome = script()
                  .server("550 5.6.0 Message contains a line longer than 1000 characters")
                  .run_once({});
    EXPECT_EQ(outcome.messages, Strings{});
}

TEST(SmtpServerData, TheShellMayRefuseAtData) {
    const auto outcome = dialog()
                             .policy([](const ServerAction& action) -> std::optional<Reply> {
                                 if (std::holds_alternative<server_action::BeginData>(action))
                                     return Reply(452, {4, 3, 1}, "insufficient system storage");
                                 return std::nullopt;
                             })
                             .hello()
                             .mail_and_recipient()
                             .client("DATA")
                             .server("452 4.3.1 insufficient system storage")
                             .client("RCPT TO:<a@b>")
                             .server("503 5.5.1 No MAIL FROM: command has been given.")
                             .run();
    EXPECT_EQ(outcome.actions.back(), "Abort failed: 452 4.3.1 insufficient system storage");
}

TEST(SmtpServerData, TheShellMayRefuseInTheMiddle) {
    const auto outcome = dialog()
                             .policy([](const ServerAction& action) -> std::optional<Reply> {
                                 if (std::holds_alternative<server_action::DataChunk>(action))
                                     return Reply(452, {4, 3, 1}, "disk full");
                                 return std::nullopt;
                             })
                             .hello()
                             .mail_and_recipient()
                             .data()
                             .raw("a\r\nb\r\n.\r\n")
                             .server("452 4.3.1 disk full")
                             .mail_and_recipient()
                             .run();
    EXPECT_EQ(outcome.messages, Strings{});
    EXPECT_EQ(outcome.actions[3], "Abort failed in data: 452 4.3.1 disk full");
}

TEST(SmtpServerData, TheShellMayRefuseAtTheEnd) {
    const auto outcome = dialog()
                             .policy([](const ServerAction& action) -> std::optional<Reply> {
                                 if (std::holds_alternative<server_action::EndData>(action))
                                     return Reply(550, {5, 7, 1}, "virus");
                                 return std::nullopt;
                             })
                             .hello()
                             .mail_and_recipient()
                             .data()
                             .raw("a\r\n.\r\n")
                             .server("550 5.7.1 virus")
                             .mail_and_recipient()
                             .run();
    EXPECT_EQ(outcome.actions[3], "EndData 3");
}

TEST(SmtpServerData, LargeDataComeInLargeViews) {
    ServerSession session(std::make_shared<const ServerSettings>(test_server_settings()));
    session.greet();
    const auto say = [&](const std::string& line) {
        std::string_view input = line;
        while (true) {
            const auto action = session.feed(input);
            if (std::holds_alternative<server_action::NeedInput>(action)) return;
            session.answer(
                std::holds_alternative<server_action::BeginData>(action) ? replies::enter_mail()
                                                                         : replies::ok()
            );
        }
    };
    say("EHLO a\r\n");
    say("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
    std::string text;
    while (text.size() < 1000000)
        text += "just a line of some ordinary length, nothing special\r\n";
    std::string_view input = text;
    const ServerAction action = session.feed(input);
    const auto* chunk = std::get_if<server_action::DataChunk>(&action);
    ASSERT_NE(chunk, nullptr);
    EXPECT_EQ(chunk->octets.data(), text.data());
    EXPECT_EQ(chunk->octets.size(), text.size());
}

}  // namespace
}  // namespace sluice::smtp
