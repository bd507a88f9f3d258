#include "log/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/line_file.h"

namespace sluice::log {

namespace {

// Bytes taken; negative on failure.
ssize_t write_once(int fd, std::string_view bytes) {
    while (true) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count >= 0 || errno != EINTR) return count;
    }
}

}  // namespace

bool AppendFile::is_current(std::uint64_t& size) const {
    struct stat there {};
    const bool current = fd_ && ::lstat(path_.c_str(), &there) == 0 && device_ == there.st_dev &&
                         inode_ == there.st_ino;
    if (current) size = static_cast<std::uint64_t>(there.st_size);
    return current;
}

// Whoever wrote last, and was killed in the middle of it, may have been another process.
void AppendFile::look_at_end() {
    struct stat status {};
    torn_ = ::fstat(fd_.get(), &status) == 0 && ends_in_mid_line(fd_.get(), status.st_size);
}

Result<void> AppendFile::open() {
    // O_NONBLOCK: a FIFO nobody reads must fail and not hang the mail flow.
    constexpr int flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    fd_.reset(::open(path_.c_str(), flags, 0640));
    if (!fd_) return Error::from_errno(errno, "open " + path_);
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) return Error::from_errno(errno, "stat " + path_);
    if (!S_ISREG(status.st_mode)) {
        fd_.reset();
        return Error::temporary({4, 3, 5}, "local system error", path_ + " is not a regular file");
    }
    device_ = status.st_dev;
    inode_ = status.st_ino;
    return {};
}

std::size_t AppendFile::append(std::string_view lines) {
    failure_.clear();
    // A lock we cannot get costs the guarantee against a rollover at this very moment; the lines
    // are worth more.
    (void)lock_.lock_shared();
    std::uint64_t size = 0;
    const bool current = is_current(size);
    // What nobody has added to since our last whole line needs no look.
    const bool as_we_left_it = size == size_ && !torn_;
    const auto ends_badly = [&] {
        return !as_we_left_it && ends_in_mid_line(fd_.get(), static_cast<off_t>(size));
    };
    size_ = 0;
    if (!current || ends_badly()) {
        // Half a line may also be one that is being written: we look again while nobody writes.
        lock_.unlock();
        (void)lock_.lock_exclusive();
        if (auto opened = is_current(size) ? Result<void>() : open(); !opened) {
            lock_.unlock();
            failure_ = opened.error().detail();
            return 0;
        }
        look_at_end();
    } else {
        torn_ = false;
    }
    size_ = size;
    const std::size_t kept = write_lines(lines);
    lock_.unlock();
    return kept;
}

std::size_t AppendFile::write_lines(std::string_view lines) {
    std::size_t kept = 0;
    std::string mended;  // only after half a line
    while (kept < lines.size()) {
        std::string_view rest = lines.substr(kept);
        const std::size_t lead = torn_ ? 1 : 0;
        if (torn_) {
            mended = '\n';
            mended += rest;
            rest = mended;
        }
        const ssize_t count = write_once(fd_.get(), rest);
        if (count <= 0) {
            failure_ = Error::from_errno(count < 0 ? errno : ENOSPC, "write " + path_).detail();
            return kept;
        }
        size_ += static_cast<std::uint64_t>(count);
        const std::string_view taken = rest.substr(0, static_cast<std::size_t>(count));
        torn_ = taken.back() != '\n';
        const std::size_t last = taken.rfind('\n');
        const std::size_t whole = last == std::string_view::npos ? 0 : last + 1;
        kept += whole > lead ? whole - lead : 0;
    }
    return kept;
}

}  // namespace sluice::log
