#include "jobs/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sluice::jobs {

namespace {

using std::chrono::steady_clock;

Error timed_out(std::string_view what) {
    return Error::temporary(
        {4, 4, 1}, "job controller does not answer", std::string(what) + " timed out"
    );
}

/// Waits until `events` are possible on `fd`.
Result<void> await(int fd, short events, Connection::Deadline deadline, std::string_view what) {
    while (true) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
        if (left.count() < 0) return timed_out(what);
        pollfd entry{fd, events, 0};
        const int count = ::poll(&entry, 1, static_cast<int>(std::min<long>(left.count(), 60000)));
        if (count > 0) return {};
        if (count < 0 && errno != EINTR) return Error::from_errno(errno, what);
        if (count == 0 && steady_clock::now() >= deadline) return timed_out(what);
    }
}

Result<UniqueFd> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path)) {
        return Error::from_errno(ENAMETOOLONG, "socket path " + path);
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return Error::from_errno(errno, "socket");
    // A local connect is done at once or not at all: EAGAIN means that the backlog is full.
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return Error::from_errno(errno, "connect to " + path);
    }
    return fd;
}

}  // namespace

Result<Connection> Connection::open(
    const std::string& socket_path, Role role, std::chrono::milliseconds limit
) {
    auto fd = connect_to(socket_path);
    if (!fd) return std::move(fd).error();
    Connection connection(std::move(*fd));
    const Deadline deadline = steady_clock::now() + limit;
    Hello hello;
    hello.role = role;
    hello.pid = static_cast<std::uint32_t>(::getpid());
    auto frame = encode(hello);
    if (!frame) return std::move(frame).error();
    if (auto sent = connection.send(*frame, deadline); !sent) return std::move(sent).error();
    auto welcome = connection.receive_as<Welcome>(deadline);
    if (!welcome) return std::move(welcome).error();
    return connection;
}

Result<void> Connection::send(std::string_view bytes, Deadline deadline) {
    if (!fd_) return Error::temporary({4, 4, 2}, "job controller is gone", "not connected");
    while (!bytes.empty()) {
        const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            if (auto ready = await(fd_.get(), POLLOUT, deadline, "send"); !ready) {
                return lost(std::move(ready).error());
            }
        } else if (errno != EINTR) {
            return lost(Error::from_errno(errno, "send to the job controller"));
        }
    }
    return {};
}

Result<Frame> Connection::receive(Deadline deadline) {
    if (!fd_) return Error::temporary({4, 4, 2}, "job controller is gone", "not connected");
    while (true) {
        auto frame = reader_.next();
        if (!frame) return lost(std::move(frame).error());
        if (frame->has_value()) return **frame;
        std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
        const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (count > 0) {
            reader_.feed({buffer.data(), static_cast<std::size_t>(count)});
        } else if (count == 0) {
            return lost(Error::temporary({4, 4, 2}, "job controller is gone", "end of stream"));
        } else if (errno == EAGAIN) {
            if (auto ready = await(fd_.get(), POLLIN, deadline, "receive"); !ready) {
                return lost(std::move(ready).error());
            }
        } else if (errno != EINTR) {
            return lost(Error::from_errno(errno, "receive from the job controller"));
        }
    }
}

Error Connection::unexpected(const Frame& frame) {
    if (frame.verb == Verb::problem) {
        auto problem = decode<Problem>(frame.body);
        if (problem) return Error::permanent({5, 5, 0}, problem->text);
    }
    return lost(Error::permanent(
        {5, 5, 0}, "protocol error",
        "unexpected verb " + std::to_string(static_cast<unsigned>(frame.verb))
    ));
}

}  // namespace sluice::jobs
