#include "connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "net/socket.h"

namespace sluice::tcp_client {

namespace {

/// Octets from the peer that are held at most; more is left in the kernel until they are used.
constexpr std::size_t input_limit = 64UL << 10U;

int bind_and_connect(int socket, const Endpoint& remote, const std::optional<IpAddress>& source) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (source) {
        // Lets the kernel choose the port at connect, so that ports are shared between
        // destinations.
        ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        const net::SocketAddress local(Endpoint{*source, 0});
        if (::bind(socket, reinterpret_cast<const sockaddr*>(&local.storage), local.length) != 0)
            return errno;
    }
    const net::SocketAddress address(remote);
    const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
    return ::connect(socket, name, address.length) == 0 ? 0 : errno;
}

int socket_error(int socket) {
    int error = 0;
    socklen_t length = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

bool wait_for(int fd, short events, MonoTime deadline, short& happened) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now()
        );
        constexpr long long most = std::numeric_limits<int>::max();
        pollfd waiting{fd, events, 0};
        const int count =
            ::poll(&waiting, 1, static_cast<int>(std::clamp<long long>(left.count(), 0, most)));
        happened = waiting.revents;
        if (count > 0) return true;
        if (count == 0 && left.count() <= most) return false;
        if (count < 0 && errno != EINTR) return false;
    }
}

short events_of(tls::Io step) {
    return step == tls::Io::wants_write ? POLLOUT : POLLIN;
}

Error tls_failure(const std::string& fault) {
    return Error::temporary({4, 7, 5}, "TLS failure", fault);
}

}  // namespace

std::optional<Connection> Connection::connect(
    const Endpoint& remote,
    const std::optional<IpAddress>& source,
    MonoTime deadline,
    ConnectFailure& failure
) {
    const IpAddress nowhere = remote.address.is_v4() ? IpAddress::v4({}) : IpAddress::v6({});
    failure.transport = {{source.value_or(nowhere), 0}, remote};
    const int family = remote.address.is_v4() ? AF_INET : AF_INET6;
    UniqueFd socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    failure.error_number = socket ? bind_and_connect(socket.get(), remote, source) : errno;
    if (failure.error_number == EINPROGRESS) {
        short happened = 0;
        failure.error_number = 0;
        if (!wait_for(socket.get(), POLLOUT, deadline, happened)) return std::nullopt;
        failure.error_number = socket_error(socket.get());
    }
    const auto local = socket ? net::local_endpoint(socket.get()) : std::nullopt;
    if (local) failure.transport.local = *local;
    if (failure.error_number != 0) return std::nullopt;
    return Connection(std::move(socket), failure.transport);
}

Connection::Connection(UniqueFd socket, log::Transport transport)
    : socket_(std::move(socket)),
      reads_after_(POLLIN),
      writes_after_(POLLOUT),
      transport_(transport) {}

bool Connection::wait(short events, MonoTime deadline, short& happened) const {
    return wait_for(socket_.get(), events, deadline, happened);
}

Result<tls::Facts> Connection::start_tls(
    tls::ClientContext& context, const tls::ClientContext::Server& server, MonoTime deadline
) {
    auto stream = context.connect(socket_.get(), server);
    if (!stream) return std::move(stream).error();
    while (true) {
        const tls::Io step = stream->handshake();
        if (step == tls::Io::done) break;
        if (step == tls::Io::closed || step == tls::Io::failed) return tls_failure(stream->fault());
        short happened = 0;
        if (!wait(events_of(step), deadline, happened)) return tls_failure("timeout");
    }
    tls_ = *std::move(stream);
    return tls_->facts();
}

void Connection::say_goodbye() {
    if (tls_) tls_->say_goodbye();
}

IoStatus Connection::send(std::string_view& octets) {
    if (tls_) return send_tls(octets);
    while (true) {
        const ssize_t sent = ::send(socket_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            octets.remove_prefix(static_cast<std::size_t>(sent));
            return IoStatus::done;
        }
        if (sent < 0 && errno == EINTR) continue;
        return sent < 0 && errno != EAGAIN ? IoStatus::closed : IoStatus::timeout;
    }
}

IoStatus Connection::send_tls(std::string_view& octets) {
    std::size_t size = 0;
    const tls::Io step = tls_->write(octets, size);
    writes_after_ = step == tls::Io::wants_read ? POLLIN : POLLOUT;
    if (step == tls::Io::wants_read || step == tls::Io::wants_write) return IoStatus::timeout;
    if (step != tls::Io::done) return IoStatus::closed;
    octets.remove_prefix(size);
    return IoStatus::done;
}

IoStatus Connection::write(std::string_view octets, MonoTime deadline) {
    while (!octets.empty()) {
        const IoStatus status = send(octets);
        if (status == IoStatus::done) continue;
        if (status == IoStatus::closed) {
            (void)poll_input();  // its last words may say why
            return IoStatus::closed;
        }
        const bool room = !closed_ && input().size() < input_limit;
        short happened = 0;
        if (!wait(
                static_cast<short>(room ? POLLIN | writes_after_ : writes_after_), deadline,
                happened
            ))
            return IoStatus::timeout;
        if (room && (happened & (POLLIN | POLLHUP | POLLERR)) != 0) (void)receive();
    }
    return IoStatus::done;
}

IoStatus Connection::read(MonoTime deadline) {
    while (true) {
        if (closed_) return IoStatus::closed;
        const IoStatus status = receive();
        if (status != IoStatus::timeout) return status;
        short happened = 0;
        if (!wait(reads_after_, deadline, happened)) return IoStatus::timeout;
    }
}

IoStatus Connection::poll_input() {
    while (!closed_ && input().size() < input_limit) {
        if (receive() != IoStatus::done) break;
    }
    return closed_ ? IoStatus::closed : IoStatus::done;
}

// One recv(): `timeout` when there is nothing at the moment.
IoStatus Connection::receive() {
    if (tls_) return receive_tls();
    std::array<char, 16384> chunk;
    while (true) {
        const ssize_t count = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
        if (count > 0) {
            buffer_.append(chunk.data(), static_cast<std::size_t>(count));
            return IoStatus::done;
        }
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return IoStatus::timeout;
        closed_ = true;
        return IoStatus::closed;
    }
}

IoStatus Connection::receive_tls() {
    std::array<char, 16384> chunk;  // a record: nothing is left that the socket does not tell of
    std::size_t size = 0;
    const tls::Io step = tls_->read(chunk, size);
    reads_after_ = events_of(step);
    if (step == tls::Io::wants_read || step == tls::Io::wants_write) return IoStatus::timeout;
    if (step == tls::Io::done) {
        buffer_.append(chunk.data(), size);
        return IoStatus::done;
    }
    closed_ = true;
    return IoStatus::closed;
}

std::string_view Connection::input() const {
    return buffer_;
}

void Connection::consume_to(std::string_view rest) {
    buffer_.erase(0, buffer_.size() - rest.size());
}

}  // namespace sluice::tcp_client
