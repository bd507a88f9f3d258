#include "utility/pager.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace sluice::utility {

Result<void> show_in_pager(const std::string& path) {
    // The pager reads the file itself, as its standard input: a name may begin with a dash.
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    constexpr int flags = O_RDONLY | O_NOFOLLOW;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path.c_str(), flags, 0);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread, nothing changes the environment
    const char* wanted = std::getenv("PAGER");
    std::string command = wanted != nullptr && *wanted != '\0' ? wanted : "more";
    std::string shell = "sh";
    std::string option = "-c";
    std::array<char*, 4> words{shell.data(), option.data(), command.data(), nullptr};
    pid_t pid = -1;
    const int code = ::posix_spawn(&pid, "/bin/sh", &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) return Error::from_errno(code, "start " + command);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    return Error::permanent({5, 3, 0}, "pager failed", command + " failed");
}

}  // namespace sluice::utility
