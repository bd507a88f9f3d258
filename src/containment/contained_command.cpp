#include "containment/contained_command.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "base/file.h"
#include "base/unique_fd.h"

// The header of glibc 2.36 forgets to say that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace sluice::containment {

namespace {

constexpr int channel_fd = 3;
constexpr std::chrono::seconds grace{20};

Error failure(std::string detail) {
    return Error::temporary({4, 3, 0}, "command cannot be run", std::move(detail));
}

/// The host process; killed and waited for at the latest when this goes.
class Host {
public:
    Result<void> start(const std::string& program) {
        std::array<int, 2> pair{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
            return Error::from_errno(errno, "socket pair");
        channel_.reset(pair[0]);
        const UniqueFd theirs(pair[1]);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, theirs.get(), channel_fd);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        sigset_t none;
        sigemptyset(&none);
        sigset_t usual;
        sigemptyset(&usual);
        sigaddset(&usual, SIGPIPE);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &usual);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        );
        std::string name = program;
        std::array<char*, 2> words{name.data(), nullptr};
        std::array<char*, 1> environment{nullptr};
        const int code = ::posix_spawn(
            &pid_, program.c_str(), &actions, &attributes, words.data(), environment.data()
        );
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        if (code != 0) {
            pid_ = -1;
            return Error::from_errno(code, "start " + program);
        }
        handle_.reset(::pidfd_open(pid_, 0));
        return {};
    }
    ~Host() { stop(); }
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    [[nodiscard]] int channel() const { return channel_.get(); }

private:
    // Closing the channel makes the host kill everything and end; the rest is for one that hangs.
    void stop() {
        channel_.reset();
        if (pid_ <= 0 || !handle_) return;
        pollfd ended{handle_.get(), POLLIN, 0};
        constexpr int patience_ms = 5000;
        if (::poll(&ended, 1, patience_ms) <= 0)
            ::pidfd_send_signal(handle_.get(), SIGKILL, nullptr, 0);
        siginfo_t end{};
        while (::waitid(P_PIDFD, static_cast<id_t>(handle_.get()), &end, WEXITED) != 0 &&
               errno == EINTR) {
        }
        pid_ = -1;
    }

    pid_t pid_ = -1;
    UniqueFd handle_;
    UniqueFd channel_;
};

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

}  // namespace

Result<Report> run_contained(const std::string& host, const Job& job) {
    const auto end = std::chrono::steady_clock::now() + job.limits.wall_time + grace;
    Host process;
    if (auto started = process.start(host); !started) return std::move(started).error();
    std::string_view packet;
    const std::string encoded = encode_job(job);
    packet = encoded;
    while (!packet.empty()) {
        const ssize_t size = ::send(process.channel(), packet.data(), packet.size(), MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return failure("the watcher of a command is gone");
        packet.remove_prefix(static_cast<std::size_t>(size));
    }
    const auto answer = read_all(process.channel(), end);
    if (!answer) return answer.error();
    auto report = decode_report(*answer);
    if (!report) return failure("the watcher of a command is gone");
    return std::move(*report);
}

}  // namespace sluice::containment
