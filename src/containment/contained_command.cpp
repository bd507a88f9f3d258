#include "containment/contained_command.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>

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

Result<Report> ask(int host, const Job& job, std::chrono::steady_clock::time_point end) {
    const std::string encoded = encode_job(job);
    for (std::string_view packet = encoded; !packet.empty();) {
        const ssize_t size = ::send(host, packet.data(), packet.size(), MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return failure("the watcher of a command is gone");
        packet.remove_prefix(static_cast<std::size_t>(size));
    }
    const auto answer = read_all(host, end);
    if (!answer) return answer.error();
    auto report = decode_report(*answer);
    if (!report) return failure("the watcher of a command is gone");
    return std::move(*report);
}

}  // namespace

Result<Report> run_contained(const std::string& host, const Job& job) {
    const auto end = std::chrono::steady_clock::now() + job.limits.wall_time + grace;
    ChildProgram process;
    if (auto started = process.start(host, ChildProgram::Channel::stream); !started)
        return std::move(started).error();
    auto report = ask(process.channel(), job, end);
    process.end(patience);
    return report;
}

}  // namespace sluice::containment
