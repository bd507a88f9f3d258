#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace sluice {

Result<UniqueFd> lock_file(const std::string& path, unsigned mode) {
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!file) return Error::from_errno(errno, "open " + path);
    while (::flock(file.get(), LOCK_EX) != 0) {
        if (errno != EINTR) return Error::from_errno(errno, "lock " + path);
    }
    return file;
}

}  // namespace sluice
