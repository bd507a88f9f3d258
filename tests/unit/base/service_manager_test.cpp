#include "base/service_manager.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "support/scratch_directory.h"

namespace sluice {
namespace {

class ServiceManagerTest : public testing::Test {
protected:
    ~ServiceManagerTest() override {
        for (const char* name :
             {"LISTEN_PID", "LISTEN_FDS", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
            ::unsetenv(name);
    }
    static void set(const char* name, const std::string& value) {
        ::setenv(name, value.c_str(), 1);
    }
    static std::string own_pid() { return std::to_string(::getpid()); }
};

TEST_F(ServiceManagerTest, DescriptorsAreForOneProcess) {
    EXPECT_EQ(passed_descriptors(), 0);
    set("LISTEN_FDS", "2");
    EXPECT_EQ(passed_descriptors(), 0);
    set("LISTEN_PID", std::to_string(::getppid()));
    EXPECT_EQ(passed_descriptors(), 0);
    set("LISTEN_PID", own_pid());
    EXPECT_EQ(passed_descriptors(), 2);
    for (const char* nonsense : {"", "-1", "x", "2 "}) {
        set("LISTEN_FDS", nonsense);
        EXPECT_EQ(passed_descriptors(), 0) << nonsense;
    }
}

TEST_F(ServiceManagerTest, SaysWhetherDescriptorsAreThere) {
    EXPECT_TRUE(set_close_on_exec(0, true));
    EXPECT_FALSE(set_close_on_exec(250, true));
}

TEST_F(ServiceManagerTest, TellsWhoAsked) {
    EXPECT_FALSE(ServiceManager::from_environment().wants_to_be_told());
    EXPECT_FALSE(ServiceManager::from_environment().tell("READY=1"));
    const test::ScratchDirectory directory;
    for (const bool abstract : {false, true}) {
        const std::string path = abstract ? "@sluice-test-" + own_pid() : directory.path("notify");
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        if (abstract) address.sun_path[0] = '\0';
        const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
        ASSERT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
        set("NOTIFY_SOCKET", path);
        const ServiceManager manager = ServiceManager::from_environment();
        EXPECT_TRUE(manager.wants_to_be_told());
        EXPECT_TRUE(manager.tell("READY=1\nSTATUS=x"));
        std::array<char, 100> buffer{};
        const ssize_t size = ::recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        ASSERT_GT(size, 0);
        EXPECT_EQ(std::string(buffer.data(), static_cast<std::size_t>(size)), "READY=1\nSTATUS=x");
    }
    for (const std::string& path :
         {directory.path("none"), std::string("relative"), "/" + std::string(200, 'x'),
          std::string("/")}) {
        set("NOTIFY_SOCKET", path);
        EXPECT_FALSE(ServiceManager::from_environment().tell("READY=1")) << path;
    }
}

TEST_F(ServiceManagerTest, WatchdogIsToldTwiceAsOften) {
    EXPECT_EQ(ServiceManager::from_environment().watchdog_interval(), std::nullopt);
    set("WATCHDOG_USEC", "3000000");
    using std::chrono::microseconds;
    EXPECT_EQ(ServiceManager::from_environment().watchdog_interval(), microseconds(1'500'000));
    set("WATCHDOG_PID", own_pid());
    EXPECT_EQ(ServiceManager::from_environment().watchdog_interval(), microseconds(1'500'000));
    set("WATCHDOG_PID", "1");
    EXPECT_EQ(ServiceManager::from_environment().watchdog_interval(), std::nullopt);
    ::unsetenv("WATCHDOG_PID");
    for (const char* nonsense : {"", "x", "0", "1"}) {
        set("WATCHDOG_USEC", nonsense);
        EXPECT_EQ(ServiceManager::from_environment().watchdog_interval(), std::nullopt);
    }
}

}  // namespace
}  // namespace sluice
