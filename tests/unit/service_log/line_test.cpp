#include "service_log/line.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace sluice::service_log {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

Line sample() {
    Line line;
    line.time = std::chrono::sys_days(std::chrono::year(2004) / 8 / 31) + hours(23) +
                std::chrono::minutes(33) + seconds(14);
    line.host = "vadar";
    line.process = "ims_master";
    line.pid = 13822;
    line.category = Category::store;
    line.level = Level::information;
    line.message = "append:user1:user/user1:659:<id>";
    return line;
}

TEST(ServiceLogLine, LooksLikeThoseOfTheFamily) {
    EXPECT_EQ(
        format_line(sample(), TimeZone::fixed(hours(-7))),
        "[31/Aug/2004:16:33:14 -0700] vadar ims_master[13822]: Store Information: "
        "append:user1:user/user1:659:<id>\n"
    );
    EXPECT_TRUE(format_line(sample(), TimeZone::fixed(std::chrono::minutes(330)))
                    .starts_with("[01/Sep/2004:05:03:14 +0530] "));
}

TEST(ServiceLogLine, IsReadAsItWasWritten) {
    for (const auto east : {hours(-7), hours(0), hours(13)}) {
        std::string text = format_line(sample(), TimeZone::fixed(east));
        text.pop_back();
        EXPECT_EQ(parse_line(text), sample());
    }
}

TEST(ServiceLogLine, ForeignTextNeverBreaksIt) {
    Line line = sample();
    line.message = std::string("a\nb\r\t\x1b[2J\x7f\0\x80\xff \xc3\xa9", 16);
    line.host = "two words]";
    line.process = "x[1]: y";
    const std::string text = format_line(line, TimeZone());
    for (const char c : text.substr(0, text.size() - 1))
        EXPECT_TRUE(!is_control(c) && static_cast<unsigned char>(c) < 0x80);
    EXPECT_TRUE(text.ends_with("a\\x0ab\\x0d\\x09\\x1b[2J\\x7f\\x00\\x80\\xff \\xc3\\xa9\n"))
        << text;
    const auto parsed = parse_line(text.substr(0, text.size() - 1));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->host, "two_words_");
    EXPECT_EQ(parsed->process, "x_1___y");
    EXPECT_EQ(parsed->level, Level::information);
}

struct Sample {
    const char* text;
    const char* process;
    Category category;
    Level level;
    const char* message;
};

class SampleLine : public testing::TestWithParam<Sample> {};

TEST_P(SampleLine, IsUnderstood) {
    const auto line = parse_line(GetParam().text);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->process, GetParam().process);
    EXPECT_EQ(line->category, GetParam().category);
    EXPECT_EQ(line->level, GetParam().level);
    EXPECT_EQ(line->message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    OfTheManual,
    SampleLine,
    testing::Values(
        Sample{
            "02/May/1998:17:37:32 -0700 showshoe cgi_store[18753]: General Notice: Log created "
            "(894155852)",
            "cgi_store", Category::general, Level::notice, "Log created (894155852)"},
        Sample{
            "04/May/1998:11:07:44 -0400 xyzmail cgi_service[343]: General Error: "
            "function=getserverhello|port=2500|error=failed to connect",
            "cgi_service", Category::general, Level::error,
            "function=getserverhello|port=2500|error=failed to connect"},
        Sample{
            "03/Dec/1998:06:54:32 +0200 SiroePost imapd[232]: Account Notice: close [] "
            "[unauthenticated] 1998/12/3 6:54:32 0:00:00 0 115 0",
            "imapd", Category::account, Level::notice,
            "close [] [unauthenticated] 1998/12/3 6:54:32 0:00:00 0 115 0"},
        Sample{
            "[30/Aug/2004:16:53:05 -0700] vadar imapd[13027]: Account Notice: badlogin: [] "
            "plaintext user1 authentication failure",
            "imapd", Category::account, Level::notice,
            "badlogin: [] plaintext user1 authentication failure"},
        Sample{
            "[30/Aug/2004:16:53:31 -0700] vadar imapd[13027]: Account Notice: badlogin: [] "
            "plaintext user3 account disabled (hold)",
            "imapd", Category::account, Level::notice,
            "badlogin: [] plaintext user3 account disabled (hold)"},
        Sample{
            "[31/Aug/2004:15:55:26 -0700] vadar imapd[13729]: Store Information: "
            "fetch:user1:user/user1:<>",
            "imapd", Category::store, Level::information, "fetch:user1:user/user1:<>"},
        // Printed without its first bracket.
        Sample{
            "31/Aug/2004:16:57:36 -0700] vadar imexpire[13923]: Store Information: "
            "expunge:user/user1:<>",
            "imexpire", Category::store, Level::information, "expunge:user/user1:<>"},
        Sample{
            "[30/Aug/2004:16:53:13 -0700] vadar imapd[13027]: Account Information: login [] user1 "
            "plaintext",
            "imapd", Category::account, Level::information, "login [] user1 plaintext"}
    )
);

TEST(ServiceLogLine, OtherTextIsNone) {
    for (const char* text :
         {"", "[", "[31/Aug/2004:16:33:14 -0700]", "[31/Aug/2004:16:33:14 -0700] vadar",
          "[32/Aug/2004:16:33:14 -0700] vadar p[1]: Store Notice: x",
          "[31/Abc/2004:16:33:14 -0700] vadar p[1]: Store Notice: x",
          "[31/Aug/2004:24:33:14 -0700] vadar p[1]: Store Notice: x",
          "[31/Aug/2004:16:33:14] vadar p[1]: Store Notice: x",
          "[31/Aug/2004:16:33:14 -0700] vadar p[x]: Store Notice: x",
          "[31/Aug/2004:16:33:14 -0700] vadar p[1]: Nothing Notice: x",
          "[31/Aug/2004:16:33:14 -0700] vadar p[1]: Store Loud: x",
          "19-Jan-1998 19:16:57.64 l            tcp_local    E 1 adam@sesta.com"})
        EXPECT_FALSE(parse_line(text)) << text;
}

TEST(ServiceLogLevel, NamesAreReadInAnyCase) {
    for (int i = 0; i <= static_cast<int>(Level::debug); ++i) {
        const auto level = static_cast<Level>(i);
        EXPECT_EQ(parse_level(name_of(level)), level);
        EXPECT_EQ(parse_level(to_lower(name_of(level))), level);
        EXPECT_EQ(syslog_level(level), i);
    }
    EXPECT_FALSE(parse_level("nolog"));
    EXPECT_EQ(parse_category("ldap"), Category::ldap);
}

}  // namespace
}  // namespace sluice::service_log
