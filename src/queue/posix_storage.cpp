#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "base/file.h"
#include "base/unique_fd.h"
#include "queue/directory_listing.h"
#include "queue/storage.h"

namespace sluice::queue {

namespace {

Error failed(const char* call, const std::string& path) {
    const int number = errno;
    return Error::from_errno(number, std::string(call) + ' ' + path);
}

FileKind kind_of(mode_t mode) {
    if (S_ISREG(mode)) return FileKind::regular;
    if (S_ISDIR(mode)) return FileKind::directory;
    return S_ISLNK(mode) ? FileKind::symlink : FileKind::other;
}

FileStatus status_of(const struct stat& from) {
    FileStatus status;
    status.kind = kind_of(from.st_mode);
    status.device = from.st_dev;
    status.inode = from.st_ino;
    status.links = from.st_nlink;
    status.size = static_cast<std::uint64_t>(from.st_size);
    status.owner = from.st_uid;
    status.mode = from.st_mode & 07777U;
    status.modified = WallTime(
        std::chrono::seconds(from.st_mtim.tv_sec) +
        std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::nanoseconds(from.st_mtim.tv_nsec)
        )
    );
    return status;
}

class PosixFile final : public StorageFile {
public:
    PosixFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
    ~PosixFile() override { unlock_all(); }
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;

    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t count =
                ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return failed("write", path_);
            if (count == 0) return Error::from_errno(EIO, "write " + path_);
            bytes.remove_prefix(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
        return {};
    }

    Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t size) override {
        std::size_t done = 0;
        while (done < size) {
            const ssize_t count =
                ::pread(fd_.get(), to + done, size - done, static_cast<off_t>(offset + done));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return failed("read", path_);
            if (count == 0) break;
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

    Result<void> reserve(std::uint64_t offset, std::uint64_t size) override {
        int result = 0;
        do {
            result = ::fallocate(
                fd_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset), static_cast<off_t>(size)
            );
        } while (result != 0 && errno == EINTR);
        if (result == 0 || errno == EOPNOTSUPP || errno == ENOSYS) return {};
        return failed("reserve", path_);
    }

    // Only starts the writing; it neither waits nor takes the error away from sync_data().
    void start_sync() override { (void)::sync_file_range(fd_.get(), 0, 0, SYNC_FILE_RANGE_WRITE); }

    Result<void> sync_data() override {
        if (::fdatasync(fd_.get()) != 0) return failed("sync", path_);
        return {};
    }

    Result<FileStatus> status() override {
        struct stat status {};
        if (::fstat(fd_.get(), &status) != 0) return failed("stat", path_);
        return status_of(status);
    }

    Result<void> set_modified(WallTime time) override {
        const auto micros = time.time_since_epoch().count();
        struct timespec both[2] = {};
        both[0].tv_nsec = UTIME_OMIT;
        both[1].tv_sec = static_cast<time_t>(micros / 1'000'000);
        both[1].tv_nsec = static_cast<long>(micros % 1'000'000 * 1000);
        if (::futimens(fd_.get(), both) != 0) return failed("set time of", path_);
        return {};
    }

    Result<bool> try_lock(std::uint64_t offset, std::uint64_t size) override {
        struct flock lock {};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        lock.l_start = static_cast<off_t>(offset);
        lock.l_len = static_cast<off_t>(size);
        if (::fcntl(fd_.get(), F_OFD_SETLK, &lock) == 0) {
            locker_ = ::getpid();
            return true;
        }
        if (errno == EAGAIN || errno == EACCES) return false;
        return failed("lock", path_);
    }

    void unlock(std::uint64_t offset, std::uint64_t size) override {
        struct flock lock {};
        lock.l_type = F_UNLCK;
        lock.l_whence = SEEK_SET;
        lock.l_start = static_cast<off_t>(offset);
        lock.l_len = static_cast<off_t>(size);
        ::fcntl(fd_.get(), F_OFD_SETLK, &lock);
    }

    [[nodiscard]] int descriptor() const override { return fd_.get(); }

private:
    // A process that another thread is starting has a copy of the descriptor until its exec, and
    // with it the lock: whoever wants the message then would find it taken.
    void unlock_all() {
        if (locker_ != 0 && locker_ == ::getpid()) unlock(0, 0);
    }

    UniqueFd fd_;
    std::string path_;
    pid_t locker_ = 0;  ///< the process that holds locks of this file; 0: none
};

// File systems in user space and on the network may be interrupted.
UniqueFd open_through_signals(int directory, const std::string& name, int flags) {
    while (true) {
        UniqueFd fd(::openat(directory, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (fd || errno != EINTR) return fd;
    }
}

UniqueFd open_through_signals(const std::string& path, int flags) {
    return open_through_signals(AT_FDCWD, path, flags);
}

/// Nobody asks when a message was read, and noting it costs a write of its inode.
UniqueFd open_without_trace(int directory, const std::string& name, int flags) {
    const int all_flags = flags | O_NONBLOCK;
    UniqueFd fd = open_through_signals(directory, name, all_flags | O_NOATIME);
    if (!fd && errno == EPERM) fd = open_through_signals(directory, name, all_flags);
    return fd;
}

/// `name` in the open directory; with AT_FDCWD a path.
Result<std::unique_ptr<StorageFile>> open_at(
    int directory, const std::string& name, const std::string& path, int flags
) {
    UniqueFd fd = open_without_trace(directory, name, flags);
    if (!fd) return failed("open", path);
    return std::unique_ptr<StorageFile>(std::make_unique<PosixFile>(std::move(fd), path));
}

class PosixDirectory final : public StorageDirectory {
public:
    PosixDirectory(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

    Result<std::unique_ptr<StorageFile>> open_to_read(const std::string& name) override {
        return open_at(fd_.get(), name, path_ + '/' + name, O_RDONLY);
    }

    bool start_reading(const std::string& name, std::size_t size) override {
        const UniqueFd fd = open_without_trace(fd_.get(), name, O_RDONLY);
        if (!fd || is_in_memory(fd.get())) return true;
        (void)::posix_fadvise(fd.get(), 0, static_cast<off_t>(size), POSIX_FADV_WILLNEED);
        return false;
    }

private:
    /// Of a file system that cannot tell: yes.
    static bool is_in_memory(int fd) {
        char octet = 0;
        const iovec one{&octet, 1};
        return ::preadv2(fd, &one, 1, 0, RWF_NOWAIT) >= 0 || errno != EAGAIN;
    }

    UniqueFd fd_;
    std::string path_;
};

class PosixStorage final : public Storage {
public:
    Result<std::unique_ptr<StorageFile>> create(const std::string& path) override {
        return opened(path, O_RDWR | O_CREAT | O_EXCL);
    }

    Result<std::unique_ptr<StorageFile>> open(const std::string& path, Open mode) override {
        switch (mode) {
            case Open::read:
                return opened(path, O_RDONLY);
            case Open::read_write:
                return opened(path, O_RDWR);
            case Open::create_or_open:
                return opened(path, O_RDWR | O_CREAT);
        }
        return Error::from_errno(EINVAL, "open " + path);
    }

    Result<std::unique_ptr<StorageDirectory>> open_directory(const std::string& path) override {
        UniqueFd fd = open_through_signals(path, O_PATH | O_DIRECTORY);
        if (!fd) return failed("open directory", path);
        return std::unique_ptr<StorageDirectory>(
            std::make_unique<PosixDirectory>(std::move(fd), path)
        );
    }

    Result<void> rename(const std::string& from, const std::string& to) override {
        int result = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
        if (result != 0 && errno == EINVAL) result = rename_after_look(from, to);
        if (result != 0) return failed("rename", from + " to " + to);
        return {};
    }

    Result<void> unlink(const std::string& path) override {
        if (::unlink(path.c_str()) != 0) return failed("unlink", path);
        return {};
    }

    Result<void> make_directory(const std::string& path) override {
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("mkdir", path);
        return {};
    }

    Result<void> sync_directory(const std::string& path) override {
        const UniqueFd fd = open_through_signals(path, O_RDONLY | O_DIRECTORY);
        if (!fd) return failed("open directory", path);
        if (::fsync(fd.get()) != 0) return failed("sync directory", path);
        return {};
    }

    Result<FileStatus> status(const std::string& path) override {
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0) return failed("stat", path);
        return status_of(status);
    }

    Result<void> list(const std::string& path, const Visit& visit) override {
        return list_directory(path, visit);
    }

    Result<void> list_by_place(const std::string& path, const Visit& visit) override {
        return list_directory_by_inode(path, visit);
    }

private:
    static Result<std::unique_ptr<StorageFile>> opened(const std::string& path, int flags) {
        return open_at(AT_FDCWD, path, path, flags);
    }

    // For file systems without RENAME_NOREPLACE. Names are unique, the look is a second belt.
    static int rename_after_look(const std::string& from, const std::string& to) {
        struct stat status {};
        if (::lstat(to.c_str(), &status) == 0) {
            errno = EEXIST;
            return -1;
        }
        return std::rename(from.c_str(), to.c_str());
    }
};

}  // namespace

Storage& posix_storage() {
    static PosixStorage storage;
    return storage;
}

}  // namespace sluice::queue
