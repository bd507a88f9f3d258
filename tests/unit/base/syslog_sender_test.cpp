#include "base/syslog_sender.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <regex>

#include "base/unique_fd.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

/// A directory with the socket of a daemon that may come later, and go.
class SyslogSenderTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "sluice-syslog-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        settings_.socket_path = directory_ + "/log";
        settings_.retry_after = milliseconds(5);
    }
    void TearDown() override {
        stop_daemon();
        ::rmdir(directory_.c_str());
    }
    void start_daemon() {
        daemon_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string& path = settings_.socket_path;
        std::copy(path.begin(), path.end(), address.sun_path);
        const auto* name = reinterpret_cast<const sockaddr*>(&address);
        ASSERT_EQ(::bind(daemon_.get(), name, sizeof address), 0);
    }
    void stop_daemon() {
        daemon_.reset();
        ::unlink(settings_.socket_path.c_str());
    }
    /// The next record; waits for it.
    std::string next() {
        std::string buffer(16384, '\0');
        const ssize_t size = ::recv(daemon_.get(), buffer.data(), buffer.size(), 0);
        buffer.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        return buffer;
    }

    std::string directory_;
    SyslogSender::Settings settings_;
    UniqueFd daemon_;
};

TEST(SyslogPacket, HasPriorityTimeAndIdent) {
    const std::string packet = syslog_packet(20, WallTime{}, "imta", "text  as it is");
    const std::regex form(R"(<20>(Jan  1|Dec 31) \d\d:\d\d:\d\d imta: text  as it is)");
    EXPECT_TRUE(std::regex_match(packet, form)) << packet;
}

TEST(SyslogPacket, TextIsCutAtEightThousandOctets) {
    const std::string packet = syslog_packet(20, WallTime{}, "imta", std::string(9000, 'x'));
    EXPECT_EQ(std::count(packet.begin(), packet.end(), 'x'), 8000);
}

TEST(SyslogFacility, IsFoundByName) {
    EXPECT_EQ(syslog_facility("mail"), LOG_MAIL);
    EXPECT_EQ(syslog_facility("LOCAL7"), LOG_LOCAL7);
    EXPECT_EQ(syslog_facility("local8"), std::nullopt);
    EXPECT_EQ(syslog_facility(""), std::nullopt);
}

TEST_F(SyslogSenderTest, RecordsArriveInOrder) {
    start_daemon();
    SyslogSender sender(settings_);
    for (int i = 0; i < 100; ++i) {
        sender.post(LOG_MAIL | LOG_INFO, std::to_string(i));
        EXPECT_TRUE(next().ends_with("imta: " + std::to_string(i)));
    }
}

TEST_F(SyslogSenderTest, KeepsRecordsForADaemonThatIsNotThere) {
    SyslogSender sender(settings_);
    sender.post(LOG_MAIL, "early");
    sender.post(LOG_MAIL, "bird");
    start_daemon();
    EXPECT_TRUE(next().ends_with("early"));
    EXPECT_TRUE(next().ends_with("bird"));
    EXPECT_EQ(sender.dropped(), 0U);
}

TEST_F(SyslogSenderTest, FindsTheDaemonThatWasStartedAgain) {
    start_daemon();
    SyslogSender sender(settings_);
    sender.post(LOG_MAIL, "one");
    EXPECT_TRUE(next().ends_with("one"));
    stop_daemon();
    sender.post(LOG_MAIL, "two");
    start_daemon();
    EXPECT_TRUE(next().ends_with("two"));
}

TEST_F(SyslogSenderTest, DropsWhatDoesNotFitAndCountsIt) {
    settings_.buffer_max = 200;
    settings_.farewell = milliseconds(0);
    SyslogSender sender(settings_);
    for (int i = 0; i < 10; ++i) sender.post(LOG_MAIL, std::string(60, 'x'));
    EXPECT_EQ(sender.dropped(), 8U);
}

TEST_F(SyslogSenderTest, EndDoesNotWaitForeverForADaemonThatIsNotThere) {
    settings_.farewell = milliseconds(20);
    SyslogSender sender(settings_);
    sender.post(LOG_MAIL, "lost");
}

}  // namespace
}  // namespace sluice
