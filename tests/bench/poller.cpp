#include "poller.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "net/socket.h"

namespace sluice::bench {

namespace {

constexpr std::size_t events_at_a_time = 256;

double seconds(const timeval& value) {
    return static_cast<double>(value.tv_sec) + static_cast<double>(value.tv_usec) / 1e6;
}

}  // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), raw_(events_at_a_time) {
    if (!epoll_) std::abort();
}

void Poller::add(int fd, std::uint64_t key) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = key;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) std::abort();
}

void Poller::watch_output(int fd, std::uint64_t key, bool on) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (on) event.events |= EPOLLOUT;
    event.data.u64 = key;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) std::abort();
}

std::span<const Poller::Event> Poller::wait(std::chrono::milliseconds limit) {
    const int count = ::epoll_wait(
        epoll_.get(), raw_.data(), static_cast<int>(raw_.size()), static_cast<int>(limit.count())
    );
    events_.clear();
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = raw_[static_cast<std::size_t>(i)];
        events_.push_back(
            {event.data.u64, (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0,
             (event.events & EPOLLOUT) != 0}
        );
    }
    return events_;
}

Stream::Stream(Poller& poller, UniqueFd socket, std::uint64_t key)
    : poller_(poller), socket_(std::move(socket)), key_(key) {
    const int on = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    poller_.add(socket_.get(), key_);
}

bool Stream::receive(std::string& input) {
    std::array<char, 65536> buffer;
    const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    input.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
}

bool Stream::send(std::string& output) {
    unsent_.append(output);
    output.clear();
    while (has_unsent()) {
        const ssize_t count =
            ::send(socket_.get(), unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno != EAGAIN) return false;
        if (count < 0) break;
        sent_ += static_cast<std::size_t>(count);
    }
    if (!has_unsent()) {
        unsent_.clear();
        sent_ = 0;
    }
    if (watches_ != has_unsent()) {
        watches_ = has_unsent();
        poller_.watch_output(socket_.get(), key_, watches_);
    }
    return true;
}

UniqueFd start_connecting(const Endpoint& endpoint) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return {};
    const net::SocketAddress address(endpoint);
    const auto* raw = reinterpret_cast<const sockaddr*>(&address.storage);
    if (::connect(socket.get(), raw, address.length) != 0 && errno != EINPROGRESS) return {};
    return socket;
}

double seconds_of(MonoTime time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

double own_cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace sluice::bench
