#include "utility/stdout_relay.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "base/log.h"

namespace sluice::utility {

namespace {

/// A pipe that is ready takes this much in one piece.
constexpr std::size_t piece_size = PIPE_BUF;
constexpr std::size_t longest_packet = 64UL << 10U;
/// Packets in a row before the watcher looks at its daemons again.
constexpr int packets_in_a_row = 256;

}  // namespace

Result<StdoutRelay> StdoutRelay::open(std::string socket_path, int output) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof address.sun_path)
        return Error::permanent({5, 3, 5}, "path too long", socket_path + " is too long a name");
    std::copy(socket_path.begin(), socket_path.end(), address.sun_path);
    StdoutRelay relay;
    relay.socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!relay.socket_) return Error::from_errno(errno, "socket");
    ::unlink(socket_path.c_str());
    const auto* name = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(relay.socket_.get(), name, sizeof address) != 0 ||
        ::chmod(socket_path.c_str(), 0600) != 0)
        return Error::from_errno(errno, "bind " + socket_path);
    relay.path_ = std::move(socket_path);
    relay.output_ = output;
    return relay;
}

StdoutRelay::~StdoutRelay() {
    if (socket_) ::unlink(path_.c_str());
}

pollfd StdoutRelay::awaited() const {
    if (pending_.empty()) return {socket_.get(), POLLIN, 0};
    return {output_, POLLOUT, 0};
}

void StdoutRelay::pump() {
    for (int i = 0; i < packets_in_a_row; ++i) {
        while (!pending_.empty()) {
            if (!write_some()) return;
        }
        if (!receive()) return;
    }
}

bool StdoutRelay::receive() {
    std::string packet(longest_packet, '\0');
    const ssize_t size = ::recv(socket_.get(), packet.data(), packet.size(), MSG_DONTWAIT);
    if (size <= 0) return false;
    packet.resize(static_cast<std::size_t>(size));
    if (!broken_) pending_ = std::move(packet);
    return true;
}

bool StdoutRelay::write_some() {
    pollfd ready{output_, POLLOUT, 0};
    if (::poll(&ready, 1, 0) <= 0) return false;
    const ssize_t size = ::write(output_, pending_.data(), std::min(pending_.size(), piece_size));
    if (size > 0) {
        pending_.erase(0, static_cast<std::size_t>(size));
        return true;
    }
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return false;
    diag::warning(
        "nobody reads the standard output: " + Error::from_errno(errno, "write").detail()
    );
    broken_ = true;
    pending_.clear();
    return true;
}

}  // namespace sluice::utility
