#include "containment/contained_command.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/child_program.h"

namespace sluice::containment {

namespace {

constexpr std::chrono::seconds grace{20};
/// For a host to kill what it watches, once its channel is closed.
constexpr std::chrono::seconds patience{5};

Error failure(std::string detail) {
    return Error::temporary({4, 3, 0}, "command cannot be run", std::move(detail));
}

/// All that the host says until it closes the channel.
Result<std::string> read_all(int fd, std::chrono::steady_clock::time_point end) {
    std::string packet;
    std::array<char, 4096> buffer{};
    while (true) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd readable{fd, POLLIN, 0};
        const int ready =
            left.count() <= 0 ? 0 : ::poll(&readable, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return failure("the watcher of a command does not answer");
        const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return packet;
        packet.append(buffer.data(), static_cast<std::size_t>(size));
        if (packet.size() > max_packet) return failure("the watcher of a command talks nonsense");
    }
}

/// A descriptor goes along with the first octets.
ssize_t send_part(int host, std::string_view packet, int descriptor) {
    iovec part{const_cast<char*>(packet.data()), packet.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptor)> control{};
    if (descriptor >= 0) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    return ::sendmsg(host, &message, MSG_NOSIGNAL);
}

Result<Report> ask(int host, const Job& job, int input, std::chrono::steady_clock::time_point end) {
    const std::string encoded = encode_job(job);
    for (std::string_view packet = encoded; !packet.empty();) {
        const ssize_t size = send_part(host, packet, input);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return failure("the watcher of a command is gone");
        packet.remove_prefix(static_cast<std::size_t>(size));
        input = -1;
    }
    const auto answer = read_all(host, end);
    if (!answer) return answer.error();
    auto report = decode_report(*answer);
    if (!report) return failure("the watcher of a command is gone");
    return std::move(*report);
}

}  // namespace

Result<Report> run_contained(const std::string& host, const Job& job, int input) {
    const auto end = std::chrono::steady_clock::now() + job.limits.wall_time + grace;
    ChildProgram process;
    if (auto started = process.start(host, ChildProgram::Channel::stream); !started)
        return std::move(started).error();
    auto report = ask(process.channel(), job, input, end);
    process.end(patience);
    return report;
}

}  // namespace sluice::containment
