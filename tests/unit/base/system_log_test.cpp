#include "base/system_log.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <regex>

#include "base/unique_fd.h"

namespace sluice {
namespace {

/// A socket that listens as syslogd does.
class FakeSyslog {
public:
    FakeSyslog() {
        char name[] = "/tmp/sluice-syslog-XXXXXX";
        directory_ = ::mkdtemp(name);
        path_ = directory_ + "/log";
        socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy(path_.begin(), path_.end(), address.sun_path);
        EXPECT_EQ(
            ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0
        );
    }
    ~FakeSyslog() {
        ::unlink(path_.c_str());
        ::rmdir(directory_.c_str());
    }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string next() const {
        char buffer[4096];
        const ssize_t size = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
        return size < 0 ? std::string() : std::string(buffer, static_cast<std::size_t>(size));
    }

private:
    std::string directory_;
    std::string path_;
    UniqueFd socket_;
};

TEST(SyslogSocket, WritesUserNotice) {
    const FakeSyslog daemon;
    SyslogSocket log(daemon.path());
    log.notice("spam\r\nfrom 192.0.2.1");
    const std::regex line(
        R"(<13>[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d base_test\[\d+\]: spam  from 192\.0\.2\.1)"
    );
    const std::string received = daemon.next();
    EXPECT_TRUE(std::regex_match(received, line)) << received;
}

TEST(SyslogSocket, CutsLongTextAndDoesNotWaitForAFullSocket) {
    const FakeSyslog daemon;
    SyslogSocket log(daemon.path());
    for (int i = 0; i < 10'000; ++i) log.notice(std::string(5000, 'x'));
    EXPECT_EQ(daemon.next().size(), 1024U);
}

TEST(SyslogSocket, LivesWithoutADaemon) {
    SyslogSocket("/nowhere/log").notice("nobody hears");
    SyslogSocket("/" + std::string(200, 'x')).notice("nobody hears");
}

}  // namespace
}  // namespace sluice
