#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/unique_fd.h"
#include "containment/sandbox.h"

namespace sluice::containment {

namespace {

bool write_once(const char* path, const std::string& text) {
    const UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
    return file && write_all(file.get(), text).has_value();
}

}  // namespace

// The command keeps the account's number, so that files look as they do outside, and has no
// privilege outside its spaces.
bool enter_namespaces(bool network, Applied& applied) {
    const std::string user = std::to_string(::geteuid());
    const std::string group = std::to_string(::getegid());
    int wanted = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWPID;
    if (!network) wanted |= CLONE_NEWNET;
    if (::unshare(wanted) != 0) {
        applied.push_back(std::string("no namespaces: ") + std::strerror(errno));
        return false;
    }
    write_once("/proc/self/setgroups", "deny");
    write_once("/proc/self/uid_map", user + ' ' + user + " 1\n");
    write_once("/proc/self/gid_map", group + ' ' + group + " 1\n");
    applied.push_back(network ? "namespaces, with network" : "namespaces, no network");
    return true;
}

void set_limits(const Limits& limits, bool own_user_namespace, Applied& applied) {
    const auto set = [&](auto resource, const char* name, rlim_t soft, rlim_t hard) {
        const rlimit limit{soft, hard};
        if (::setrlimit(resource, &limit) != 0)
            applied.push_back(std::string("no limit of ") + name + ": " + std::strerror(errno));
    };
    const auto seconds = static_cast<rlim_t>(limits.cpu_time.count());
    set(RLIMIT_CPU, "CPU time", seconds, seconds + 1);
    set(RLIMIT_AS, "memory", limits.memory, limits.memory);
    set(RLIMIT_FSIZE, "file size", limits.file_size, limits.file_size);
    set(RLIMIT_NOFILE, "open files", limits.open_files, limits.open_files);
    set(RLIMIT_CORE, "core", 0, 0);
    // Elsewhere the kernel counts all processes of the account, those of the MTA among them: the
    // supervisor's own count is what holds then.
    if (own_user_namespace) set(RLIMIT_NPROC, "processes", limits.processes, limits.processes);
}

}  // namespace sluice::containment
