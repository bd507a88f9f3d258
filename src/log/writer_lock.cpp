#include "log/writer_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace sluice::log {

namespace {

/// A writer passes the gate every so many locks.
constexpr unsigned passes_gate_after = 32;

struct flock byte_lock(short type, long byte) {
    struct flock description {};
    description.l_type = type;
    description.l_whence = SEEK_SET;
    description.l_start = byte;
    description.l_len = 1;
    return description;
}

}  // namespace

// Who has the file open that was removed would be alone with its locks: everybody else takes theirs
// on the new one. Bytes that are held for long keep their file.
void WriterLock::leave_removed_file() {
    struct stat status {};
    if (fd_ && !keeps_ && ::fstat(fd_.get(), &status) == 0 && status.st_nlink == 0) fd_.reset();
}

Result<void> WriterLock::lock_byte_shared(long byte) {
    keeps_ = true;
    return lock(false, byte, true);
}

Result<void> WriterLock::try_lock_exclusive(long byte) {
    auto locked = lock(true, byte, false);
    if (locked) keeps_ = true;
    return locked;
}

Result<void> WriterLock::lock(bool exclusive, long byte, bool wait) {
    if (!fd_) {
        constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
        fd_.reset(::open(path_.c_str(), flags, 0640));
        if (!fd_) return Error::from_errno(errno, "open " + path_);
    }
    struct flock description = byte_lock(exclusive ? F_WRLCK : F_RDLCK, byte);
    while (::fcntl(fd_.get(), wait ? F_OFD_SETLKW : F_OFD_SETLK, &description) != 0) {
        if (errno != EINTR) return Error::from_errno(errno, "lock " + path_);
    }
    return {};
}

Result<void> WriterLock::lock_shared() {
    if (++locked_ >= passes_gate_after) {
        locked_ = 0;
        leave_removed_file();
        if (auto passed = lock(false, gate_lock_byte, true); !passed) return passed;
        unlock(gate_lock_byte);
    }
    return lock(false, writer_lock_byte, true);
}

Result<void> WriterLock::lock_exclusive() {
    leave_removed_file();
    if (auto closed = lock(true, gate_lock_byte, true); !closed) return closed;
    auto locked = lock(true, writer_lock_byte, true);
    unlock(gate_lock_byte);
    return locked;
}

void WriterLock::unlock(long byte) {
    if (!fd_) return;
    struct flock description = byte_lock(F_UNLCK, byte);
    ::fcntl(fd_.get(), F_OFD_SETLK, &description);
}

}  // namespace sluice::log
