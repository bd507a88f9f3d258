#include "base/child_program.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

// The header of glibc 2.36 forgets to say that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace sluice {

namespace {

std::string how_it_ended(const siginfo_t& end) {
    if (end.si_code == CLD_EXITED) return "ended with status " + std::to_string(end.si_status);
    const char* const name = ::sigabbrev_np(end.si_status);
    return "crashed with signal " +
           (name != nullptr ? std::string("SIG") + name : std::to_string(end.si_status));
}

/// Waits for the end of a process, whatever interrupts; false where it is not our child any more.
bool wait_for(int handle, siginfo_t& end) {
    while (::waitid(P_PIDFD, static_cast<id_t>(handle), &end, WEXITED) != 0) {
        if (errno != EINTR) return false;
    }
    return true;
}

}  // namespace

Result<void> ChildProgram::start(const std::string& path, Channel kind) {
    std::array<int, 2> pair{};
    const int type = kind == Channel::stream ? SOCK_STREAM : SOCK_SEQPACKET;
    if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return Error::from_errno(errno, "socket pair");
    UniqueFd ours(pair[0]);
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
    std::string name = path;
    std::array<char*, 2> words{name.data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    pid_t pid = 0;
    const int code =
        ::posix_spawn(&pid, path.c_str(), &actions, &attributes, words.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (code != 0) return Error::from_errno(code, "start " + path);
    pid_ = pid;
    handle_.reset(::pidfd_open(pid, 0));
    channel_ = std::move(ours);
    return {};
}

std::string ChildProgram::end(std::chrono::milliseconds patience) {
    std::string how = "ended";
    channel_.reset();
    if (pid_ > 0 && handle_) {
        pollfd ended{handle_.get(), POLLIN, 0};
        if (::poll(&ended, 1, static_cast<int>(patience.count())) <= 0)
            ::pidfd_send_signal(handle_.get(), SIGKILL, nullptr, 0);
        siginfo_t end{};
        // Not so where the program reaps all its children elsewhere.
        if (wait_for(handle_.get(), end)) how = how_it_ended(end);
    }
    handle_.reset();
    pid_ = 0;
    return how;
}

}  // namespace sluice
