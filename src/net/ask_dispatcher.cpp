#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "net/service_statistics.h"
#include "net/socket.h"

namespace sluice::net {

namespace {

/// More than 10,000 recent connections take.
constexpr std::size_t answer_limit = 64UL << 20U;

bool wait_readable(int fd, MonoTime until) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - system_clock().mono_now());
    pollfd waiting{fd, POLLIN, 0};
    return left.count() > 0 && ::poll(&waiting, 1, static_cast<int>(left.count())) > 0;
}

}  // namespace

Result<std::string> ask_dispatcher(
    const std::string& socket_path, std::string_view question, std::chrono::milliseconds patience
) {
    const auto socket = connect_to_path(socket_path);
    if (!socket) return socket.error();
    const std::string line = std::string(question) + '\n';
    if (::send(socket->get(), line.data(), line.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(line.size()))
        return Error::from_errno(errno, "ask the dispatcher");
    const MonoTime until = system_clock().mono_now() + patience;
    std::string answer;
    while (answer.size() < answer_limit) {
        if (!wait_readable(socket->get(), until))
            return Error::from_errno(ETIMEDOUT, "answer of the dispatcher");
        std::array<char, 65536> chunk;
        const ssize_t count = ::recv(socket->get(), chunk.data(), chunk.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return Error::from_errno(errno, "answer of the dispatcher");
        if (count == 0) break;
        answer.append(chunk.data(), static_cast<std::size_t>(count));
    }
    constexpr std::string_view refusal = "ERROR ";
    if (answer.starts_with(refusal)) {
        answer.erase(0, refusal.size());
        while (!answer.empty() && answer.back() == '\n') answer.pop_back();
        return Error::permanent({5, 3, 0}, "refused", answer);
    }
    return answer;
}

}  // namespace sluice::net
