#include "containment/ruleset.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sluice::containment {

namespace {

// Newer than the headers of Debian 12.
struct RulesetAttributes {
    std::uint64_t handled_access_fs = 0;
    std::uint64_t handled_access_net = 0;  ///< from version 4
    std::uint64_t scoped = 0;              ///< from version 6
};
struct [[gnu::packed]] PortAttributes {
    std::uint64_t allowed_access = 0;
    std::uint64_t port = 0;
};
constexpr int rule_net_port = 2;
constexpr std::uint64_t fs_ioctl_dev = 1U << 15U;  // from version 5
constexpr std::uint64_t net_bind = 1;
constexpr std::uint64_t net_connect = 2;
constexpr std::uint64_t scope_abstract_sockets_and_signals = 3;

static_assert(FileRights::read == (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR));
static_assert(FileRights::run == (FileRights::read | LANDLOCK_ACCESS_FS_EXECUTE));
static_assert(FileRights::write_file == LANDLOCK_ACCESS_FS_WRITE_FILE);

constexpr std::uint64_t of_files = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE |
                                   FileRights::write_file | FileRights::truncate | fs_ioctl_dev;

std::uint64_t all_rights(int version) {
    std::uint64_t rights =
        FileRights::run | FileRights::write_file | LANDLOCK_ACCESS_FS_REMOVE_DIR |
        LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
        LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
        LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
    if (version >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3) rights |= FileRights::truncate;
    if (version >= 5) rights |= fs_ioctl_dev;
    return rights;
}

}  // namespace

int landlock_version() {
    return static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION)
    );
}

Ruleset::Ruleset(int version, Tcp tcp) : rights_(all_rights(version)) {
    RulesetAttributes attributes;
    attributes.handled_access_fs = rights_;
    std::size_t size = 8;
    if (version >= 4) {
        size = 16;
        if (tcp == Tcp::none) attributes.handled_access_net = net_connect | net_bind;
        if (tcp == Tcp::connects) attributes.handled_access_net = net_bind;
    }
    if (version >= 6) {
        size = 24;
        attributes.scoped = scope_abstract_sockets_and_signals;
    }
    fd_.reset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
    if (fd_ && version >= 4 && tcp == Tcp::connects) {
        const PortAttributes any_free_port{net_bind, 0};
        if (::syscall(SYS_landlock_add_rule, fd_.get(), rule_net_port, &any_free_port, 0) != 0)
            fd_.reset();
    }
}

bool Ruleset::allow(const std::string& path, std::uint64_t rights) const {
    const UniqueFd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
    struct stat status {};
    if (!place || ::fstat(place.get(), &status) != 0) return false;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = rights & rights_;
    if (!S_ISDIR(status.st_mode)) rule.allowed_access &= of_files;
    rule.parent_fd = place.get();
    return ::syscall(SYS_landlock_add_rule, fd_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

bool Ruleset::enforce() const {
    return ::syscall(SYS_landlock_restrict_self, fd_.get(), 0) == 0;
}

std::uint64_t Ruleset::full_access() const {
    return rights_ & ~std::uint64_t{LANDLOCK_ACCESS_FS_EXECUTE};
}

}  // namespace sluice::containment
