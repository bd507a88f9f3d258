#include "callout/site_process.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

// The header of glibc 2.36 forgets to say that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace sluice::callout {

namespace {

constexpr std::chrono::seconds first_rest{1};
constexpr std::chrono::seconds longest_rest{60};

Error failure(std::string detail) {
    return Error::temporary({4, 3, 0}, "site routine failed", std::move(detail));
}

std::string how_it_ended(const siginfo_t& end) {
    if (end.si_code == CLD_EXITED) return "ended with status " + std::to_string(end.si_status);
    const char* const name = ::sigabbrev_np(end.si_status);
    return "crashed with signal " +
           (name != nullptr ? std::string("SIG") + name : std::to_string(end.si_status));
}

}  // namespace

// The child gets the channel on descriptor 3, standard error, and no environment: what it runs is
// not ours.
Result<void> SiteProcess::start() {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return Error::from_errno(errno, "socket pair");
    UniqueFd ours(pair[0]);
    const UniqueFd theirs(pair[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, theirs.get(), host_channel_fd);
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
    std::array<char*, 2> words{program_.data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    pid_t pid = -1;
    const int code = ::posix_spawn(
        &pid, program_.c_str(), &actions, &attributes, words.data(), environment.data()
    );
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (code != 0) return Error::from_errno(code, "start " + program_);
    pid_ = pid;
    handle_.reset(::pidfd_open(pid, 0));
    channel_ = std::move(ours);
    return {};
}

Result<SiteReply> SiteProcess::call(const SiteCall& call, std::chrono::milliseconds limit) {
    if (call.library.size() > most_name_octets || call.routine.size() > most_name_octets ||
        call.argument.size() > site_buffer_size)
        return SiteReply{SiteReply::Kind::unusable, "the argument is too long"};
    if (pid_ <= 0) {
        if (auto started = start(); !started) {
            give_up();
            return std::move(started).error();
        }
    }
    const std::string packet = encode_call(call);
    const auto sent = ::send(channel_.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(packet.size())) return failure(give_up());
    const MonoTime end = clock_.mono_now() + limit;
    pollfd readable{channel_.get(), POLLIN, 0};
    while (true) {
        using std::chrono::milliseconds;
        const auto left = std::chrono::ceil<milliseconds>(end - clock_.mono_now());
        const int ready =
            ::poll(&readable, 1, static_cast<int>(std::max(left, milliseconds(0)).count()));
        if (ready > 0) break;
        if (ready < 0 && errno == EINTR) continue;
        give_up();
        return failure("no answer within " + std::to_string(limit.count()) + " ms, killed");
    }
    std::string reply(most_packet_octets, '\0');
    const ssize_t size = ::recv(channel_.get(), reply.data(), reply.size(), 0);
    if (size <= 0) return failure(give_up());
    reply.resize(static_cast<std::size_t>(size));
    auto decoded = decode_reply(reply);
    if (!decoded) {
        give_up();
        return failure("spoke nonsense, killed");
    }
    rest_ = std::chrono::seconds(0);
    return std::move(*decoded);
}

std::string SiteProcess::give_up() {
    std::string how = "ended";
    channel_.reset();
    if (pid_ > 0) {
        // A process whose channel has closed by its crash is dead already or about to be; the kill
        // is for one that hangs.
        siginfo_t end{};
        constexpr int look_ms = 200;
        pollfd dead{handle_.get(), POLLIN, 0};
        if (handle_ && ::poll(&dead, 1, look_ms) <= 0)
            ::pidfd_send_signal(handle_.get(), SIGKILL, nullptr, 0);
        // ECHILD: the program reaps all its children elsewhere.
        if (handle_ && ::waitid(P_PIDFD, static_cast<id_t>(handle_.get()), &end, WEXITED) == 0)
            how = how_it_ended(end);
    }
    handle_.reset();
    pid_ = 0;
    rest_ = rest_.count() == 0 ? first_rest : std::min(2 * rest_, longest_rest);
    rests_until_ = clock_.mono_now() + rest_;
    return how;
}

void SiteProcess::stop() {
    if (pid_ <= 0) return;
    channel_.reset();
    if (!handle_) return;
    ::pidfd_send_signal(handle_.get(), SIGKILL, nullptr, 0);
    siginfo_t end{};
    ::waitid(P_PIDFD, static_cast<id_t>(handle_.get()), &end, WEXITED);
}

}  // namespace sluice::callout
