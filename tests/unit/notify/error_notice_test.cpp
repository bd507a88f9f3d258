#include "notify/error_notice.h"

#include <gtest/gtest.h>

namespace sluice::notify {
namespace {

TEST(ErrorNotice, HasItsLinesInTheOrderThatReadersExpect) {
    ErrorNotice error;
    error.condition = "quota";
    error.sentence = "mailbox is full";
    error.addresses = {"john.doe@example.com"};
    error.is_held = true;
    error.queue_file = "l/84PHKX1L3Q0A0001";
    error.unsent = 3;
    Notice about;
    about.to = "postmaster@example.com";
    about.message_id = "<1@example.com>";
    about.original.sender = "amy@example.org";
    about.original.received_from = "client.example.org";
    about.original.content = [](const PieceSink& sink) -> Result<void> {
        sink("Subject: hello\r\nFrom: <amy@example.org>\r\n\r\nSecret\r\n");
        return {};
    };
    NoticeSettings settings;
    settings.reporting_mta = "mta.example.com";
    settings.from_address = "postmaster@example.com";
    std::string message;
    const auto built = build_error_notice(
        error, about, settings, TimeZone(), [&](std::string_view piece) { message += piece; }
    );
    ASSERT_TRUE(built);
    EXPECT_EQ(built->bytes, message.size());
    std::size_t place = 0;
    for (const char* line :
         {"Subject: Notification: quota\r\n", "The mail system at mta.example.com",
          "mailbox is full\r\n", "\nSMTP <john.doe@example.com>\r\n",
          "Queue file: l/84PHKX1L3Q0A0001\r\n", "Reporting-MTA: dns;mta.example.com\r\n",
          "limit per hour: 3\r\n", "original envelope", "\nUser-From: SMTP<amy@example.org>\r\n",
          "\nRecipient: [<john.doe@example.com>]\r\n",
          "\n------------------------------------------------------------",
          "Submitted: ", "client.example.org", "original header", "Subject: hello\r\n",
          "From: <amy@example.org>\r\n"}) {
        const std::size_t found = message.find(line, place);
        ASSERT_NE(found, std::string::npos) << line << "in\n" << message;
        place = found;
    }
    EXPECT_EQ(message.find("Secret"), std::string::npos);
}

TEST(ErrorNotice, HostileTextStaysOnItsLine) {
    ErrorNotice error;
    error.condition = "quota\r\nBcc: everybody@example.com";
    error.sentence = "x\r\nUser-From: SMTP<forged>";
    error.addresses = {"a\r\nRecipient: [<b>]"};
    Notice about;
    about.to = "postmaster@example.com";
    about.message_id = "<1@example.com>";
    std::string message;
    ASSERT_TRUE(build_error_notice(error, about, {}, TimeZone(), [&](std::string_view piece) {
        message += piece;
    }));
    EXPECT_EQ(message.find("\nBcc:"), std::string::npos);
    EXPECT_EQ(message.find("\nUser-From: SMTP<forged>"), std::string::npos);
    EXPECT_EQ(message.find("\nRecipient: [<b>]"), std::string::npos);
}

}  // namespace
}  // namespace sluice::notify
