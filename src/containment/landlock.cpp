#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"
#include "containment/sandbox.h"

namespace sluice::containment {

namespace {

// Newer than the headers of Debian 12.
struct RulesetAttributes {
    std::uint64_t handled_access_fs = 0;
    std::uint64_t handled_access_net = 0;  ///< from version 4
    std::uint64_t scoped = 0;              ///< from version 6
};
constexpr std::uint64_t fs_truncate = 1U << 14U;   // from version 3
constexpr std::uint64_t fs_ioctl_dev = 1U << 15U;  // from version 5
constexpr std::uint64_t net_bind_and_connect = 3;
constexpr std::uint64_t scope_abstract_sockets_and_signals = 3;

constexpr std::uint64_t read_file = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t read_only = read_file | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t run = read_only | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr std::uint64_t of_files = read_file | LANDLOCK_ACCESS_FS_EXECUTE |
                                   LANDLOCK_ACCESS_FS_WRITE_FILE | fs_truncate | fs_ioctl_dev;

std::uint64_t all_rights(int version) {
    std::uint64_t rights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | read_only |
                           LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                           LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                           LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                           LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                           LANDLOCK_ACCESS_FS_MAKE_SYM;
    if (version >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3) rights |= fs_truncate;
    if (version >= 5) rights |= fs_ioctl_dev;
    return rights;
}

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

class Ruleset {
public:
    Ruleset(int version, bool network) : rights_(all_rights(version)) {
        RulesetAttributes attributes;
        attributes.handled_access_fs = rights_;
        std::size_t size = 8;
        if (version >= 4) {
            size = 16;
            if (!network) attributes.handled_access_net = net_bind_and_connect;
        }
        if (version >= 6) {
            size = 24;
            attributes.scoped = scope_abstract_sockets_and_signals;
        }
        fd_.reset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
    }
    explicit operator bool() const { return static_cast<bool>(fd_); }

    void allow(const std::string& path, std::uint64_t rights) const {
        const UniqueFd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
        struct stat status {};
        if (!place || ::fstat(place.get(), &status) != 0) return;
        landlock_path_beneath_attr rule{};
        rule.allowed_access = rights & rights_;
        if (!S_ISDIR(status.st_mode)) rule.allowed_access &= of_files;
        rule.parent_fd = place.get();
        ::syscall(SYS_landlock_add_rule, fd_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    [[nodiscard]] bool enforce() const {
        return ::syscall(SYS_landlock_restrict_self, fd_.get(), 0) == 0;
    }
    [[nodiscard]] std::uint64_t rights() const { return rights_; }

private:
    std::uint64_t rights_;
    UniqueFd fd_;
};

}  // namespace

void restrict_files(const Job& job, bool own_proc, Applied& applied) {
    const auto version = static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION)
    );
    const auto fail = [&] {
        applied.push_back(std::string("no landlock: ") + std::strerror(errno));
    };
    if (version < 1) return fail();
    const Ruleset rules(version, job.network);
    if (!rules) return fail();
    for (const char* path : system_programs) rules.allow(path, run);
    for (const char* path : system_files) rules.allow(path, read_only);
    for (const char* path : sinks) {
        rules.allow(path, read_file | LANDLOCK_ACCESS_FS_WRITE_FILE | fs_truncate);
    }
    if (own_proc) rules.allow("/proc", read_only);
    if (job.network) {
        for (const char* path : {"/etc/resolv.conf", "/etc/hosts", "/etc/ssl"})
            rules.allow(path, read_only);
    }
    for (const std::string& path : job.readable) rules.allow(path, run);
    // Programs that a command writes for itself are not run.
    const std::uint64_t write = rules.rights() & ~std::uint64_t{LANDLOCK_ACCESS_FS_EXECUTE};
    rules.allow(job.directory, write);
    for (const std::string& path : job.writable) rules.allow(path, write);
    if (!rules.enforce()) return fail();
    applied.push_back("landlock " + std::to_string(version));
}

}  // namespace sluice::containment
