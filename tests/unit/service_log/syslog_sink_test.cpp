#include "service_log/syslog_sink.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/unique_fd.h"
#include "support/scratch_directory.h"

namespace sluice::service_log {
namespace {

TEST(SyslogSink, SendsToTheSocketAndDoesWithoutOne) {
    const test::ScratchDirectory scratch;
    const std::string path = scratch.path("log");
    syslog_to(path, "imsimta")(LOG_MAIL | LOG_INFO, "nobody listens");
    const UniqueFd server(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    ASSERT_EQ(::bind(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    syslog_to(path, "imsimta")(LOG_MAIL | LOG_INFO, "text");
    std::array<char, 256> buffer{};
    const ssize_t count = ::recv(server.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    ASSERT_GT(count, 0);
    const std::string packet(buffer.data(), static_cast<std::size_t>(count));
    EXPECT_TRUE(packet.starts_with("<22>")) << packet;
    EXPECT_TRUE(packet.ends_with(" imsimta[" + std::to_string(::getpid()) + "]: text")) << packet;

    syslog_to(path, "imsimta")(LOG_MAIL | LOG_INFO, std::string(100000, 'x'));
    std::array<char, 65536> large{};
    const ssize_t cut = ::recv(server.get(), large.data(), large.size(), MSG_DONTWAIT);
    EXPECT_GT(cut, 7000) << "an event may be long";
    EXPECT_LE(cut, 8192) << "a daemon would refuse more";
}

}  // namespace
}  // namespace sluice::service_log
