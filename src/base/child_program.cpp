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

#include "base/starter_link.h"

// The header of glibc 2.36 forgets to say that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace sluice {

namespace {

std::string how_it_ended(int code, int status) {
    if (code == CLD_EXITED) return "ended with status " + std::to_string(status);
    const char* const name = ::sigabbrev_np(status);
    return "crashed with signal " +
           (name != nullptr ? std::string("SIG") + name : std::to_string(status));
}

/// Waits for the end of a process, whatever interrupts; false where it is not our child any more.
bool wait_for(int handle, siginfo_t& end) {
    while (::waitid(P_PIDFD, static_cast<id_t>(handle), &end, WEXITED) != 0) {
        if (errno != EINTR) return false;
    }
    return true;
}

/// As poll(), for one descriptor that shall become readable.
bool is_readable_within(int fd, std::chrono::milliseconds patience) {
    pollfd readable{fd, POLLIN, 0};
    return ::poll(&readable, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace

Result<void> ChildProgram::start(const std::string& path, Channel kind) {
    std::array<int, 2> pair{};
    const int type = kind == Channel::stream ? SOCK_STREAM : SOCK_SEQPACKET;
    if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return Error::from_errno(errno, "socket pair");
    UniqueFd ours(pair[0]);
    const UniqueFd theirs(pair[1]);
    const int starter = starter_socket();
    if (starter >= 0) {
        auto started = ask_starter(starter, path, theirs.get());
        if (!started) return std::move(started).error();
        pid_ = started->pid;
        lifeline_ = std::move(started->lifeline);
    } else {
        const auto pid = spawn(path, theirs.get());
        if (!pid) return pid.error();
        pid_ = *pid;
        handle_.reset(::pidfd_open(pid_, 0));
    }
    channel_ = std::move(ours);
    return {};
}

Result<pid_t> ChildProgram::spawn(
    const std::string& path,
    int channel,
    const std::vector<std::string>& arguments,
    const std::vector<std::string>& environment
) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, channel, channel_fd);
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
    std::vector<char*> words{const_cast<char*>(path.c_str())};
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    std::vector<char*> variables;
    for (const std::string& variable : environment)
        variables.push_back(const_cast<char*>(variable.c_str()));
    variables.push_back(nullptr);
    pid_t pid = 0;
    const int code =
        ::posix_spawn(&pid, path.c_str(), &actions, &attributes, words.data(), variables.data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (code != 0) return Error::from_errno(code, "start " + path);
    return pid;
}

std::string ChildProgram::end(std::chrono::milliseconds patience) {
    std::string how = "ended";
    channel_.reset();
    if (pid_ > 0 && handle_) {
        if (!is_readable_within(handle_.get(), patience))
            ::pidfd_send_signal(handle_.get(), SIGKILL, nullptr, 0);
        siginfo_t end{};
        // Not so where the program reaps all its children elsewhere.
        if (wait_for(handle_.get(), end)) how = how_it_ended(end.si_code, end.si_status);
    }
    if (lifeline_) {
        if (!is_readable_within(lifeline_.get(), patience))
            send_signal(lifeline_.get(), kill_program);
        StarterNote note;
        if (receive_note(lifeline_.get(), note)) how = how_it_ended(note.code, note.status);
    }
    handle_.reset();
    lifeline_.reset();
    pid_ = 0;
    return how;
}

}  // namespace sluice
