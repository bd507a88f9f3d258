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

bool send_request(int starter, const std::string& path, std::array<int, 2> descriptors) {
    iovec part{const_cast<char*>(path.data()), path.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptors);
    std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof descriptors);
    while (::sendmsg(starter, &message, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) return false;
    }
    return true;
}

/// The next note; false where the starter is gone.
bool receive_note(int lifeline, StarterNote& note) {
    while (true) {
        const ssize_t size = ::recv(lifeline, &note, sizeof note, 0);
        if (size < 0 && errno == EINTR) continue;
        return size == static_cast<ssize_t>(sizeof note);
    }
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
        if (auto started = have_started(starter, path, theirs.get()); !started) return started;
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
    const std::string& path, int channel, const std::vector<std::string>& arguments
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
    std::array<char*, 1> environment{nullptr};
    pid_t pid = 0;
    const int code =
        ::posix_spawn(&pid, path.c_str(), &actions, &attributes, words.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (code != 0) return Error::from_errno(code, "start " + path);
    return pid;
}

Result<void> ChildProgram::have_started(int starter, const std::string& path, int theirs) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return Error::from_errno(errno, "socket pair");
    UniqueFd ours(pair[0]);
    UniqueFd other(pair[1]);
    StarterNote note;
    const bool sent = send_request(starter, path, {theirs, other.get()});
    other.reset();
    if (!sent || !receive_note(ours.get(), note))
        return Error::temporary(
            {4, 3, 0}, "local system error", "start " + path + ": host_starter refuses or is gone"
        );
    if (note.kind != StarterNote::Kind::started)
        return Error::from_errno(note.code, "start " + path);
    pid_ = note.code;
    lifeline_ = std::move(ours);
    return {};
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
            static_cast<void>(::send(lifeline_.get(), "k", 1, MSG_NOSIGNAL));
        StarterNote note;
        if (receive_note(lifeline_.get(), note)) how = how_it_ended(note.code, note.status);
    }
    handle_.reset();
    lifeline_.reset();
    pid_ = 0;
    return how;
}

}  // namespace sluice
