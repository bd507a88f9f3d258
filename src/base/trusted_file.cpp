#include "base/trusted_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/result.h"

namespace sluice {

namespace {

bool is_foreign(const struct stat& status) {
    return status.st_uid != 0 && status.st_uid != ::geteuid();
}

bool others_may_write(const struct stat& status) {
    return (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

}  // namespace

std::string distrust_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return Error::from_errno(errno, "stat").detail();
    if (!S_ISREG(status.st_mode)) return "it is not a file";
    if (is_foreign(status)) return "it belongs to neither root nor the account of the MTA";
    if (others_may_write(status)) return "others may write it";
    if (::stat(directory_of(path).c_str(), &status) != 0)
        return Error::from_errno(errno, "stat").detail();
    if (is_foreign(status) || others_may_write(status)) return "others may write its directory";
    return {};
}

}  // namespace sluice
