#include "dispatcher/worker_process.h"

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <cerrno>

#include "net/handoff.h"
#include "net/socket.h"

namespace sluice::dispatcher {

namespace {

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> out;
    out.reserve(strings.size() + 1);
    for (std::string& text : strings) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

}  // namespace

Result<StartedWorker> start_worker(
    const std::string& program,
    const std::vector<std::string>& arguments,
    const std::vector<std::string>& environment,
    int log
) {
    auto channel = net::make_handoff_pair();
    if (!channel) return std::move(channel).error();
    auto& [ours, theirs] = *channel;
    if (auto set = net::set_nonblocking(ours.get(), true); !set) return std::move(set).error();

    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> names = environment;

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, theirs.get(), worker_channel_fd);
    if (log >= 0) {
        posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
    }
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // The dispatcher blocks the signals it reads; a worker starts with none blocked and its own
    // group, so that a Ctrl-C at the terminal reaches the parent only, which then stops its workers
    // in order.
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);

    pid_t pid = -1;
    const int code = ::posix_spawn(
        &pid, program.c_str(), &actions, &attributes, pointers(words).data(), pointers(names).data()
    );
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (code != 0) return Error::from_errno(code, "start " + program);
    return StartedWorker{pid, std::move(ours)};
}

}  // namespace sluice::dispatcher
