#include "filter/blocking_link.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>

namespace sluice::filter {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds slot_wait{20};
constexpr std::size_t read_size = 16UL * 1024;

std::string text_of(int error) {
    return std::error_code(error, std::generic_category()).message();
}

/// Waits for `events`; 0 when they are there, else an errno.
int wait_for(int socket, short events, Clock::time_point limit) {
    while (true) {
        const auto left = std::chrono::ceil<milliseconds>(limit - Clock::now()).count();
        pollfd waiting{socket, events, 0};
        const int ready =
            ::poll(&waiting, 1, static_cast<int>(std::clamp<long>(left, 0, 3'600'000)));
        if (ready > 0) return 0;
        if (ready == 0 && left <= 3'600'000) return ETIMEDOUT;
        if (ready < 0 && errno != EINTR) return errno;
    }
}

/// Begins and ends one connect; 0 or an errno.
int connect_within(int socket, const sockaddr* address, socklen_t length, Clock::time_point limit) {
    if (::connect(socket, address, length) == 0) return 0;
    if (errno != EINPROGRESS && errno != EAGAIN) return errno;
    if (const int error = wait_for(socket, POLLOUT, limit); error != 0) return error;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

int connect_unix(const std::string& path, Clock::time_point limit, UniqueFd& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    socket.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return errno;
    return connect_within(
        socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address, limit
    );
}

struct FreeAddresses {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

int connect_inet(const milter::Endpoint& where, Clock::time_point limit, UniqueFd& socket) {
    using Family = milter::Endpoint::Family;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_family = where.family == Family::inet    ? AF_INET
                      : where.family == Family::inet6 ? AF_INET6
                                                      : AF_UNSPEC;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(where.port);
    if (::getaddrinfo(where.host.c_str(), port.c_str(), &hints, &found) != 0) return EHOSTUNREACH;
    const std::unique_ptr<addrinfo, FreeAddresses> list(found);
    int error = EHOSTUNREACH;
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
        socket.reset(::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket) return errno;
        error = connect_within(socket.get(), at->ai_addr, at->ai_addrlen, limit);
        if (error != 0) continue;
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return 0;
    }
    return error;
}

}  // namespace

BlockingLink::~BlockingLink() {
    shut();
}

void BlockingLink::shut() {
    socket_.reset();
    if (slot_ != 0) slots_.give_back(std::exchange(slot_, 0));
}

void BlockingLink::settle(FilterLine& line) {
    if (generation_ != line.generation || !socket_) {
        shut();
        generation_ = line.generation;
        connect(line);
    }
    while (!line.session->is_failed()) {
        if (line.session->has_output()) send(line);
        if (line.session->is_settled()) break;
        receive(line);
    }
    if (line.session->is_failed()) shut();
    note_limit(line);
}

void BlockingLink::connect(FilterLine& line) {
    const config::FilterSettings& settings = *line.planned.settings;
    const Clock::time_point limit = Clock::now() + settings.connect;
    while (!slots_.take(line.planned.number(), settings.max_connections)) {
        if (Clock::now() >= limit) return line.session->fail("all connections are taken");
        std::this_thread::sleep_for(slot_wait);
    }
    slot_ = line.planned.number();
    const milter::Endpoint& where = settings.endpoint;
    const int error = where.is_unix() ? connect_unix(where.host, limit, socket_)
                                      : connect_inet(where, limit, socket_);
    if (error != 0) line.session->fail("connect to " + where.to_string() + ": " + text_of(error));
}

void BlockingLink::send(FilterLine& line) {
    const std::string output = line.session->take_output();
    std::string_view rest = output;
    while (!rest.empty()) {
        const ssize_t sent =
            ::send(socket_.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return line.session->fail("connection lost");
        const auto limit = Clock::now() + line.planned.settings->send;
        if (wait_for(socket_.get(), POLLOUT, limit) != 0)
            return line.session->fail("does not read");
    }
}

void BlockingLink::receive(FilterLine& line) {
    char buffer[read_size];
    const config::FilterSettings& settings = *line.planned.settings;
    const auto limit =
        Clock::now() +
        (line.session->awaits_end_of_message() ? settings.end_of_message : settings.reply);
    const std::uint64_t packets = line.session->packets();
    while (line.session->packets() == packets && !line.session->is_failed()) {
        if (wait_for(socket_.get(), POLLIN, limit) != 0)
            return line.session->fail("did not answer in time");
        const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
        if (got <= 0) return line.session->fail("closed the connection");
        line.session->feed({buffer, static_cast<std::size_t>(got)});
    }
}

void BlockingLink::close(FilterLine& line) {
    if (socket_ && line.session && generation_ == line.generation) {
        line.session->abort();
        line.session->quit();
        const std::string last = line.session->take_output();
        if (!last.empty())
            ::send(socket_.get(), last.data(), last.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    shut();
}

}  // namespace sluice::filter
