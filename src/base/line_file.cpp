#include "base/line_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace sluice {

namespace {

bool rename_where_nothing_is(const std::string& from, const std::string& to) {
    struct stat status {};
    if (::lstat(to.c_str(), &status) == 0) {
        errno = EEXIST;
        return false;
    }
    return errno == ENOENT && ::rename(from.c_str(), to.c_str()) == 0;
}

}  // namespace

bool ends_in_mid_line(int fd, off_t size) {
    char last = '\n';
    return size > 0 && ::pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

Result<void> rename_to_new(const std::string& from, const std::string& to) {
    bool renamed = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
    const bool cannot_promise = !renamed && (errno == EINVAL || errno == ENOSYS);
    if (cannot_promise) renamed = rename_where_nothing_is(from, to);
    if (renamed) return {};
    return Error::from_errno(errno, "rename " + from + " to " + to);
}

}  // namespace sluice
