#include "containment/confine.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "containment/call_filter.h"
#include "containment/ruleset.h"

namespace sluice::containment {

namespace {

namespace fs = std::filesystem;

/// Names of hosts, users and zones, libraries of the C library and of DNS. Directories, not files:
/// a rule is about what is there now, and /etc/resolv.conf is another file tomorrow.
constexpr std::array system_places = {
    "/usr",
    "/lib",
    "/lib64",
    "/etc",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/var/lib/sss",
    "/var/db",
    "/proc",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/dev/urandom",
    "/dev/random",
    "/dev/zero"};
constexpr std::array sinks = {"/dev/null", "/dev/full", "/dev/tty"};

/// Below version 2 nothing can be renamed from one directory into another: mail would stop.
constexpr int least_version = 2;
constexpr int first_with_tcp = 4;
constexpr int first_with_signals = 6;

std::string what_is_held(int version) {
    std::string text = "landlock " + std::to_string(version) + " (files";
    if (version >= first_with_tcp) text += ", TCP";
    if (version >= first_with_signals) text += ", signals";
    return text + ')';
}

/// Directories that lie elsewhere and are linked to, as a channel's on another disk.
void allow_with_links(const Ruleset& rules, const std::string& path, std::uint64_t rights) {
    if (!rules.allow(path, rights)) return;
    // Who has mailboxes by the hundred thousand does not link them one by one.
    constexpr int most_looked_at = 10'000;
    int looked_at = 0;
    std::error_code ignored;
    for (fs::directory_iterator at(path, ignored), end;
         !ignored && at != end && ++looked_at <= most_looked_at; at.increment(ignored)) {
        if (at->is_symlink(ignored)) static_cast<void>(rules.allow(at->path(), rights));
    }
}

void confine_files(const Rights& rights, Confinement& result) {
    const auto fail = [&](const std::string& why) {
        result.lacking.push_back("no landlock: " + why);
    };
    const int version = landlock_version();
    if (version < 1) return fail(std::strerror(errno));
    if (version < least_version)
        return fail("version " + std::to_string(version) + " of the kernel's is too old");
    const Ruleset rules(version, rights.connects ? Ruleset::Tcp::connects : Ruleset::Tcp::none);
    if (!rules) return fail(std::strerror(errno));
    // What a system has not is not missed.
    for (const char* path : system_places) static_cast<void>(rules.allow(path, FileRights::read));
    for (const char* path : sinks) static_cast<void>(rules.allow(path, FileRights::update));
#ifdef SLUICE_COVERAGE_DATA  // a build that writes down what of it has run
    static_cast<void>(rules.allow(SLUICE_COVERAGE_DATA, rules.full_access()));
#endif
    for (const std::string& path : rights.read) allow_with_links(rules, path, FileRights::read);
    for (const std::string& path : rights.update) allow_with_links(rules, path, FileRights::update);
    for (const std::string& path : rights.written)
        allow_with_links(rules, path, rules.full_access());
    if (!rules.enforce()) return fail(std::strerror(errno));
    result.applied.push_back(what_is_held(version));
}

void confine_calls(Confinement& result) {
    CallRights rights;
    rights.starts_programs = false;
    rights.usual_sockets_only = true;
#ifdef __SANITIZE_ADDRESS__
    rights.traces_itself = true;
#endif
    const CallFilter filter = filter_calls(rights);
    if (filter.problem.empty())
        result.applied.push_back("seccomp (" + std::to_string(filter.calls) + " rules)");
    else
        result.lacking.push_back("no seccomp: " + filter.problem);
}

bool has_threads() {
    std::error_code problem;
    const fs::directory_iterator tasks("/proc/self/task", problem);
    return !problem && std::distance(begin(tasks), end(tasks)) > 1;
}

}  // namespace

Confinement confine(const Rights& rights) {
    Confinement result;
    if (::geteuid() == 0) result.lacking.emplace_back("it runs as root");
    if (has_threads()) result.lacking.emplace_back("threads run already, and stay as they are");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        result.lacking.push_back(
            std::string("new privileges are possible: ") + std::strerror(errno)
        );
        return result;
    }
    result.applied.emplace_back("no new privileges");
    confine_files(rights, result);
    confine_calls(result);
    return result;
}

}  // namespace sluice::containment
