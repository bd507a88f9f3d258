// command_host: runs one command for another program, confines and watches it, and says how it
// ended. It holds nothing but the command's own files.
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/unique_fd.h"
#include "containment/supervisor.h"

namespace sluice::containment {

namespace {

constexpr int channel = 3;
constexpr int usage_error = 2;

/// Octets, and into `descriptor` what comes along with them.
ssize_t receive_part(char* to, std::size_t size, UniqueFd& descriptor) {
    iovec part{to, size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t received = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
    if (received < 0) return received;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        int one = -1;
        std::memcpy(&one, CMSG_DATA(header), sizeof one);
        descriptor.reset(one);
    }
    return received;
}

/// One packet; empty when there is none.
std::string receive(UniqueFd& descriptor) {
    std::string packet;
    std::array<char, 4096> buffer{};
    std::size_t whole = 4;
    while (packet.size() < whole) {
        const ssize_t size = receive_part(buffer.data(), buffer.size(), descriptor);
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
    UniqueFd input;
    const auto job = decode_job(receive(input));
    if (!job) return 1;
    const std::string packet = encode_report(supervise(*job, channel, input.get()));
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
