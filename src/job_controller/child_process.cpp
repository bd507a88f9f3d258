#include "job_controller/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "base/starter_link.h"

namespace sluice::job_controller {

namespace {

class SpawnSettings {
public:
    SpawnSettings() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
    }
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

void set_signals(posix_spawnattr_t* attributes) {
    sigset_t none;
    sigset_t defaults;
    ::sigemptyset(&none);
    ::sigemptyset(&defaults);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD, SIGQUIT}) {
        ::sigaddset(&defaults, signal);
    }
    ::posix_spawnattr_setsigmask(attributes, &none);
    ::posix_spawnattr_setsigdefault(attributes, &defaults);
    ::posix_spawnattr_setpgroup(attributes, 0);
    ::posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    );
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

}  // namespace

Result<ChildProcess> start_process(
    const std::vector<std::string>& words, const std::vector<std::string>& environment, int log
) {
    SpawnSettings spawn;
    set_signals(&spawn.attributes);
    ::posix_spawn_file_actions_addopen(&spawn.actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, log >= 0 ? log : 2, 1);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, log >= 0 ? log : 2, 2);

    ChildProcess child;
    const std::vector<char*> arguments = pointers(words);
    const std::vector<char*> variables = pointers(environment);
    const int problem = ::posix_spawn(
        &child.pid, words.front().c_str(), &spawn.actions, &spawn.attributes, arguments.data(),
        variables.data()
    );
    if (problem != 0) return Error::from_errno(problem, "start " + words.front());
    // glibc 2.36 declares pidfd_open() without C linkage.
    child.ended.reset(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    if (!child.ended) {
        const Error error = Error::from_errno(errno, "watch " + words.front());
        ::kill(child.pid, SIGTERM);
        ::waitpid(child.pid, nullptr, 0);
        return error;
    }
    return child;
}

namespace {

ChildEnd end_of(int code, int status) {
    if (code == CLD_EXITED) return {status == 0, "exit status " + std::to_string(status)};
    return {false, "signal " + std::to_string(status)};
}

std::optional<ChildEnd> end_of_lifeline(int lifeline) {
    StarterNote note;
    const ssize_t size = ::recv(lifeline, &note, sizeof note, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (size != static_cast<ssize_t>(sizeof note)) return ChildEnd{false, "lost"};
    return end_of(note.code, note.status);
}

}  // namespace

void terminate(const ChildProcess& child) {
    if (child.by_starter)
        send_signal(child.ended.get(), terminate_group);
    else
        ::kill(-child.pid, SIGTERM);
}

std::optional<ChildEnd> reap(const ChildProcess& child) {
    if (child.by_starter) return end_of_lifeline(child.ended.get());
    siginfo_t info{};
    const auto id = static_cast<id_t>(child.ended.get());
    if (::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG) != 0) {
        return ChildEnd{false, "lost"};
    }
    if (info.si_pid == 0) return std::nullopt;
    return end_of(info.si_code, info.si_status);
}

std::vector<std::string> inherited_environment(const std::vector<std::string>& names) {
    std::vector<std::string> result;
    for (const std::string& name : names) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): read at start
        if (const char* value = std::getenv(name.c_str())) result.push_back(name + '=' + value);
    }
    return result;
}

}  // namespace sluice::job_controller
