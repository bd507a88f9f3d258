#include <array>
#include <cerrno>
#include <cstring>

#include "containment/ruleset.h"
#include "containment/sandbox.h"

namespace sluice::containment {

namespace {

/// What a converter finds on every system: programs, libraries, and the few files of /etc that they
/// look at. The rest of /etc may hold passwords of the site.
constexpr std::array system_programs = {"/bin",   "/sbin",  "/usr",   "/lib",
                                        "/lib32", "/lib64", "/libx32"};
constexpr std::array system_files = {
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/passwd",
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/locale.alias",
    "/etc/locale.conf",
    "/etc/alternatives",
    "/etc/mime.types",
    "/etc/magic",
    "/etc/fonts",
    "/etc/perl",
    "/etc/ImageMagick-6",
    "/etc/papersize",
    "/etc/ghostscript",
    "/etc/java-17-openjdk",
    "/dev/urandom",
    "/dev/random",
    "/dev/zero"};
constexpr std::array sinks = {"/dev/null", "/dev/full"};

}  // namespace

void restrict_files(const Job& job, bool own_proc, Applied& applied) {
    const int version = landlock_version();
    const auto fail = [&] {
        applied.push_back(std::string("no landlock: ") + std::strerror(errno));
    };
    if (version < 1) return fail();
    const Ruleset rules(version, job.network ? Ruleset::Tcp::all : Ruleset::Tcp::none);
    if (!rules) return fail();
    // What a system has not is not missed.
    const auto allow = [&](const std::string& path, std::uint64_t rights) {
        static_cast<void>(rules.allow(path, rights));
    };
    for (const char* path : system_programs) allow(path, FileRights::run);
    for (const char* path : system_files) allow(path, FileRights::read);
    for (const char* path : sinks) allow(path, FileRights::update);
    if (own_proc) allow("/proc", FileRights::read);
    if (job.network) {
        for (const char* path : {"/etc/resolv.conf", "/etc/hosts", "/etc/ssl"})
            allow(path, FileRights::read);
    }
    for (const std::string& path : job.readable) allow(path, FileRights::run);
    // Programs that a command writes for itself are not run.
    allow(job.directory, rules.full_access());
    for (const std::string& path : job.writable) allow(path, rules.full_access());
    if (!rules.enforce()) return fail();
    applied.push_back("landlock " + std::to_string(version));
}

}  // namespace sluice::containment
