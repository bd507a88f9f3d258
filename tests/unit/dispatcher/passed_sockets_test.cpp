#include "dispatcher/passed_sockets.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "base/service_manager.h"
#include "net/socket.h"

namespace sluice::dispatcher {
namespace {

const Endpoint loopback{IpAddress::v4({127, 0, 0, 1}), 0};

/// In a process whose descriptors from number 3 on are those; 0: `check` was content.
int in_child(const std::vector<int>& passed, const std::function<bool(PassedSockets&)>& check) {
    const pid_t child = ::fork();
    if (child == 0) {
        std::vector<int> safe;
        for (const int fd : passed) safe.push_back(::fcntl(fd, F_DUPFD, 100));
        for (std::size_t i = 0; i < safe.size(); ++i)
            ::dup2(safe[i], first_passed_descriptor + static_cast<int>(i));
        auto sockets = PassedSockets::take(static_cast<int>(passed.size()));
        ::_exit(check(sockets) ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

TEST(PassedSockets, AreFoundByTheirPlace) {
    const auto socket = net::listen_on(loopback, 5);
    ASSERT_TRUE(socket.has_value());
    const Endpoint place = *net::local_endpoint(socket->get());
    EXPECT_EQ(
        in_child(
            {socket->get()},
            [&](PassedSockets& sockets) {
                const auto found = sockets.find(place, 10);
                const auto again = sockets.find(place, 10);
                const Endpoint other{place.address, static_cast<std::uint16_t>(place.port ^ 1)};
                return found && again && !sockets.find(other, 10) &&
                       net::local_endpoint(found->get()) == place &&
                       (::fcntl(found->get(), F_GETFL) & O_NONBLOCK) != 0 &&
                       (::fcntl(found->get(), F_GETFD) & FD_CLOEXEC) != 0;
            }
        ),
        0
    );
}

TEST(PassedSockets, WhatDoesNotListenIsNotUsed) {
    const UniqueFd idle(::socket(AF_INET, SOCK_STREAM, 0));
    const UniqueFd datagrams(::socket(AF_INET, SOCK_DGRAM, 0));
    const UniqueFd file(::open("/dev/null", O_RDONLY));
    EXPECT_EQ(
        in_child(
            {idle.get(), datagrams.get(), file.get()},
            [](PassedSockets& sockets) { return sockets.empty(); }
        ),
        0
    );
}

TEST(PassedSockets, OneForBothFamiliesCoversIpv4) {
    const UniqueFd both(::socket(AF_INET6, SOCK_STREAM, 0));
    const int off = 0;
    ::setsockopt(both.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    if (::bind(both.get(), reinterpret_cast<sockaddr*>(&any), sizeof any) != 0)
        GTEST_SKIP() << "no IPv6 here";
    ASSERT_EQ(::listen(both.get(), 5), 0);
    const std::uint16_t port = net::local_endpoint(both.get())->port;
    EXPECT_EQ(
        in_child(
            {both.get()},
            [&](PassedSockets& sockets) {
                return sockets.covers({IpAddress::v4({}), port}) &&
                       !sockets.covers({IpAddress::v6({}), port}) &&
                       !sockets.covers({IpAddress::v4({127, 0, 0, 1}), port}) &&
                       sockets.find({IpAddress::v6({}), port}, 5).has_value();
            }
        ),
        0
    );
    // Who comes by IPv4 is known by the address that rules know.
    const UniqueFd client(::socket(AF_INET, SOCK_STREAM, 0));
    const net::SocketAddress address(Endpoint{loopback.address, port});
    const auto* const target = reinterpret_cast<const sockaddr*>(&address.storage);
    ASSERT_EQ(::connect(client.get(), target, address.length), 0);
    const UniqueFd accepted(::accept(both.get(), nullptr, nullptr));
    EXPECT_EQ(net::remote_endpoint(accepted.get())->address, loopback.address);
}

}  // namespace
}  // namespace sluice::dispatcher
