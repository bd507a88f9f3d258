#include "net/socket.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace sluice::net {
namespace {

TEST(Socket, ListensOnAFreePortOfEachFamily) {
    auto v4 = listen_on({*IpAddress::parse("127.0.0.1"), 0}, 5);
    ASSERT_TRUE(v4) << v4.error().to_debug_string();
    EXPECT_GT(local_endpoint(v4->get())->port, 0);
}

TEST(Socket, PortInUseNamesThePort) {
    auto first = listen_on({*IpAddress::parse("127.0.0.1"), 0}, 5);
    ASSERT_TRUE(first);
    const auto taken = *local_endpoint(first->get());
    const auto second = listen_on(taken, 5);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().error_number(), EADDRINUSE);
    EXPECT_NE(second.error().detail().find(std::to_string(taken.port)), std::string::npos);
}

TEST(Socket, TooLongPathIsRefusedNotCut) {
    EXPECT_EQ(connect_to_path(std::string(200, 'x')).error().error_number(), ENAMETOOLONG);
}

}  // namespace
}  // namespace sluice::net
