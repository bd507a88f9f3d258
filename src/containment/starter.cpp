#include "containment/starter.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/child_program.h"
#include "base/starter_link.h"

namespace sluice::containment {

namespace {

/// At a time; whoever is above it waits until one has ended.
constexpr std::size_t most_programs = 1000;

struct Program {
    pid_t pid = 0;
    UniqueFd ended;  ///< pidfd
    UniqueFd lifeline;
};

struct Request {
    std::string text;
    UniqueFd descriptor;
    UniqueFd lifeline;
};

enum class Received : std::uint8_t { request, nonsense, end };

/// Descriptors that came along, as far as they were expected; the others are closed.
void take_descriptors(msghdr& message, Request& request) {
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            UniqueFd taken(fd);
            if (!request.descriptor) {
                request.descriptor = std::move(taken);
            } else if (!request.lifeline) {
                request.lifeline = std::move(taken);
            }
        }
    }
}

Received receive_request(int socket, Request& request) {
    std::array<char, longest_start_request> buffer{};
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> control{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (size < 0) return errno == EINTR ? Received::nonsense : Received::end;
    if (size == 0 && message.msg_controllen == 0) return Received::end;
    take_descriptors(message, request);
    request.text.assign(buffer.data(), static_cast<std::size_t>(size));
    const bool is_whole = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
    return request.lifeline && is_whole ? Received::request : Received::nonsense;
}

void tell(int lifeline, StarterNote note) {
    // Who does not listen any more does not want to know.
    static_cast<void>(::send(lifeline, &note, sizeof note, MSG_NOSIGNAL | MSG_DONTWAIT));
}

class Starter {
public:
    Starter(int socket, const Launch& launch) : socket_(socket), launch_(launch) {}

    int run() {
        while (true) {
            std::vector<pollfd> watched = descriptors();
            if (::poll(watched.data(), watched.size(), -1) < 0) {
                if (errno == EINTR) continue;
                return 1;
            }
            attend(watched);
            if (watched.front().revents == 0) continue;
            Request request;
            const Received received = receive_request(socket_, request);
            if (received == Received::end) return 0;
            if (received == Received::request) start(std::move(request));
        }
    }

private:
    /// The socket, then two of each program.
    std::vector<pollfd> descriptors() const {
        std::vector<pollfd> watched;
        const bool takes_more = programs_.size() < most_programs;
        watched.push_back({socket_, static_cast<short>(takes_more ? POLLIN : 0), 0});
        for (const Program& program : programs_) {
            watched.push_back({program.ended.get(), POLLIN, 0});
            watched.push_back({program.lifeline.get(), POLLIN, 0});  // -1: ignored
        }
        return watched;
    }

    void attend(const std::vector<pollfd>& watched) {
        for (std::size_t i = 0; i < programs_.size(); ++i) {
            if (watched[2 * i + 2].revents != 0) hear(programs_[i]);
            if (watched[2 * i + 1].revents != 0) reap(programs_[i]);
        }
        std::erase_if(programs_, [](const Program& program) { return program.pid == 0; });
    }

    /// An octet is a signal. Where the caller is gone the program's own channel tells it: one that
    /// was killed here would leave behind what it watches.
    static void hear(Program& program) {
        char octet = 0;
        const ssize_t size = ::recv(program.lifeline.get(), &octet, 1, MSG_DONTWAIT);
        if (size > 0 && octet == terminate_group) {
            ::kill(-program.pid, SIGTERM);
        } else if (size > 0) {
            ::kill(program.pid, SIGKILL);
        } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
            program.lifeline.reset();
        }
    }

    static void reap(Program& program) {
        siginfo_t end{};
        const auto handle = static_cast<id_t>(program.ended.get());
        if (::waitid(P_PIDFD, handle, &end, WEXITED | WNOHANG) == 0 && end.si_pid == 0) return;
        if (program.lifeline)
            tell(program.lifeline.get(), {StarterNote::Kind::ended, end.si_code, end.si_status});
        program.pid = 0;
    }

    void start(Request request) {
        using Kind = StarterNote::Kind;
        const int lifeline = request.lifeline.get();
        const auto pid = launch_(request.text, request.descriptor.get());
        if (!pid) return tell(lifeline, {Kind::failed, pid.error().error_number(), 0});
        // glibc 2.36 declares pidfd_open() without C linkage.
        UniqueFd ended(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
        if (!ended) {
            const int problem = errno;
            ::kill(*pid, SIGKILL);
            ::waitpid(*pid, nullptr, 0);
            return tell(lifeline, {Kind::failed, problem, 0});
        }
        tell(lifeline, {Kind::started, *pid, 0});
        programs_.push_back({*pid, std::move(ended), std::move(request.lifeline)});
    }

    int socket_;
    const Launch& launch_;
    std::vector<Program> programs_;
};

}  // namespace

Result<UniqueFd> start_host_starter(
    const std::string& program, const std::vector<std::string>& hosts
) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return Error::from_errno(errno, "socket pair");
    UniqueFd ours(pair[0]);
    const UniqueFd theirs(pair[1]);
    const auto pid = ChildProgram::spawn(program, theirs.get(), hosts);
    if (!pid) return pid.error();
    return ours;
}

int run_starter(int socket, const Launch& launch) {
    return Starter(socket, launch).run();
}

Launch launch_hosts(std::vector<std::string> hosts) {
    return [known = std::move(hosts)](std::string_view path, int channel) -> Result<pid_t> {
        if (std::find(known.begin(), known.end(), path) == known.end())
            return Error::from_errno(EPERM, "start " + std::string(path));
        return ChildProgram::spawn(std::string(path), channel);
    };
}

}  // namespace sluice::containment
