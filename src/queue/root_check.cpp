#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/file.h"
#include "queue/scan.h"

namespace sluice::queue {

namespace {

struct FileSystem {
    unsigned long magic;
    const char* name;
    const char* trouble;
};

constexpr unsigned long cifs_magic = 0xff534d42UL;
constexpr unsigned long fuse_magic = 0x65735546UL;
constexpr std::array unsuitable = {
    FileSystem{TMPFS_MAGIC, "tmpfs", "keeps nothing over a restart"},
    FileSystem{RAMFS_MAGIC, "ramfs", "keeps nothing over a restart"},
    FileSystem{OVERLAYFS_SUPER_MAGIC, "overlayfs", "may ignore syncs"},
    FileSystem{NFS_SUPER_MAGIC, "NFS", "locks and renames may not be atomic"},
    FileSystem{cifs_magic, "CIFS", "locks and renames may not be atomic"},
    FileSystem{SMB2_SUPER_MAGIC, "SMB", "locks and renames may not be atomic"},
    FileSystem{fuse_magic, "FUSE", "syncs depend on the program behind it"},
};

void check_owner_and_mode(
    const std::string& root, const struct stat& status, RootFindings& findings
) {
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        findings.refusals.push_back("queue root " + root + " is writable by group or world");
    } else if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        findings.warnings.push_back(
            "queue root " + root + " is open to others; mode 0700 is meant"
        );
    }
    if (status.st_uid != ::geteuid()) {
        findings.refusals.push_back(
            "queue root " + root + " belongs to user " + std::to_string(status.st_uid) +
            ", this process runs as " + std::to_string(::geteuid())
        );
    }
    if (::access(root.c_str(), W_OK) != 0) {
        const std::string reason = std::generic_category().message(errno);
        findings.refusals.push_back("queue root " + root + " cannot be written: " + reason);
    }
}

// Below the mount point an unmounted disk is noticed, and lost+found is no channel.
void check_mount(const std::string& root, const struct stat& status, RootFindings& findings) {
    struct stat parent {};
    if (::stat((root + "/..").c_str(), &parent) != 0) return;
    if (parent.st_dev != status.st_dev) {
        findings.warnings.push_back(
            "queue root " + root + " is a mount point; use a directory below it"
        );
    }
}

void check_file_system(const std::string& root, RootFindings& findings) {
    struct statfs system {};
    if (::statfs(root.c_str(), &system) != 0) return;
    for (const FileSystem& one : unsuitable) {
        if (static_cast<unsigned long>(system.f_type) != one.magic) continue;
        findings.syncs_are_real = false;
        findings.warnings.push_back(
            "queue root " + root + " lies on " + one.name + ", which " + one.trouble
        );
    }
}

}  // namespace

RootFindings check_root(const std::string& root) {
    RootFindings findings;
    struct stat status {};
    if (::lstat(root.c_str(), &status) != 0) {
        const std::string reason = std::generic_category().message(errno);
        findings.refusals.push_back("queue root " + root + ": " + reason);
        return findings;
    }
    if (!S_ISDIR(status.st_mode)) {
        findings.refusals.push_back("queue root " + root + " is not a directory");
        return findings;
    }
    check_owner_and_mode(root, status, findings);
    check_mount(root, status, findings);
    check_file_system(root, findings);
    return findings;
}

}  // namespace sluice::queue
