// command_host: runs one command for another program, confines and watches it, and says how it
// ended. It holds nothing but the command's own files.
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "containment/supervisor.h"

namespace sluice::containment {

namespace {

constexpr int channel = 3;
constexpr int usage_error = 2;

/// One packet; empty when there is none.
std::string receive() {
    std::string packet;
    std::array<char, 4096> buffer{};
    std::size_t whole = 4;
    while (packet.size() < whole) {
        const ssize_t size = ::recv(channel, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return {};
        packet.append(buffer.data(), static_cast<std::size_t>(size));
        if (packet.size() < 4) continue;
        whole = 4;
        for (std::size_t i = 0; i < 4; ++i)
            whole += std::size_t{static_cast<unsigned char>(packet[i])} << (8 * i);
        if (whole > max_packet) return {};
    }
    return packet;
}

int serve() {
    const auto job = decode_job(receive());
    if (!job) return 1;
    const std::string packet = encode_report(supervise(*job, channel));
    std::string_view rest = packet;
    while (!rest.empty()) {
        const ssize_t size = ::send(channel, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return 1;
        rest.remove_prefix(static_cast<std::size_t>(size));
    }
    return 0;
}

}  // namespace

}  // namespace sluice::containment

int main() {
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(sluice::containment::channel, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        type != SOCK_STREAM) {
        std::fprintf(stderr, "%%IMTA-F-NOPARENT, this program is started by other programs\n");
        return sluice::containment::usage_error;
    }
    ::signal(SIGPIPE, SIG_IGN);
    ::setpgid(0, 0);
    return sluice::containment::serve();
}
