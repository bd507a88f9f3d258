#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

// The system calls that queue files are made of, and nothing else. One real implementation; the
// tests put a model of a disk with a page cache in its place (tests/support/disk_model.h). No room
// but this one opens, renames, syncs or removes anything in the queue (scripts/check-queue-io).
namespace sluice::queue {

enum class FileKind { regular, directory, symlink, other };

struct FileStatus {
    FileKind kind = FileKind::other;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t links = 0;
    std::uint64_t size = 0;
    std::uint32_t owner = 0;
    std::uint32_t mode = 0;  ///< permission bits
    WallTime modified{};
};

/// An open file. Closing releases its locks. Not for use from two threads at once.
class StorageFile {
public:
    StorageFile() = default;
    StorageFile(const StorageFile&) = delete;
    StorageFile& operator=(const StorageFile&) = delete;
    virtual ~StorageFile() = default;

    /// Writes all of `bytes` at `offset`.
    virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
    /// Reads up to `size` octets; fewer only at the end of the file.
    virtual Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t size) = 0;
    /// The same into a string of its own.
    Result<std::string> read_range(std::uint64_t offset, std::size_t size);
    /// Sets blocks aside behind the end without changing the size; not an error where the file
    /// system cannot.
    virtual Result<void> reserve(std::uint64_t offset, std::uint64_t size) = 0;
    /// Hint: the data will be synced soon, start writing. Promises nothing.
    virtual void start_sync() = 0;
    /// After a failure the data may be gone from memory: never call it again for the same data.
    virtual Result<void> sync_data() = 0;
    virtual Result<FileStatus> status() = 0;
    virtual Result<void> set_modified(WallTime time) = 0;
    /// Exclusive lock owned by this open file, without waiting; `size` 0 is to the end. False:
    /// someone else has it.
    virtual Result<bool> try_lock(std::uint64_t offset = 0, std::uint64_t size = 0) = 0;
    /// Gives up the locks on these octets.
    virtual void unlock(std::uint64_t offset, std::uint64_t size) = 0;
    /// File descriptor for sendfile() and the like; -1 where there is none.
    [[nodiscard]] virtual int descriptor() const = 0;
    /// Where the octets of this file begin in what descriptor() reads.
    [[nodiscard]] virtual std::uint64_t descriptor_offset() const { return 0; }
};

/// A directory that is open: its files are found without walking its path again.
class StorageDirectory {
public:
    StorageDirectory() = default;
    StorageDirectory(const StorageDirectory&) = delete;
    StorageDirectory& operator=(const StorageDirectory&) = delete;
    virtual ~StorageDirectory() = default;

    /// As Storage::open() of the directory's path and the name, for reading.
    virtual Result<std::unique_ptr<StorageFile>> open_to_read(const std::string& name) = 0;
    /// Hint: the first `size` octets of the file will be read soon. False: the disk has to be asked
    /// for them, and is from now on.
    virtual bool start_reading(const std::string& /*name*/, std::size_t /*size*/) { return true; }
};

/// A file system. Thread-safe. Paths are absolute; symbolic links are not followed in the last
/// component.
class Storage {
public:
    Storage() = default;
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;
    virtual ~Storage() = default;

    enum class Open { read, read_write, create_or_open };

    /// New file, mode 0600; EEXIST when the name is taken.
    virtual Result<std::unique_ptr<StorageFile>> create(const std::string& path) = 0;
    /// Never blocks on a FIFO; ELOOP on a symbolic link.
    virtual Result<std::unique_ptr<StorageFile>> open(const std::string& path, Open mode) = 0;
    /// For many files of one directory. Where nothing else is said, their paths are walked.
    virtual Result<std::unique_ptr<StorageDirectory>> open_directory(const std::string& path);
    /// Atomic; EEXIST when `to` is taken.
    virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<void> unlink(const std::string& path) = 0;
    /// Mode 0700; an existing directory is no error.
    virtual Result<void> make_directory(const std::string& path) = 0;
    /// Makes all names created, renamed or removed in the directory durable.
    virtual Result<void> sync_directory(const std::string& path) = 0;
    virtual Result<FileStatus> status(const std::string& path) = 0;
    using Visit = std::function<void(std::string_view name, FileKind kind)>;
    /// Names in a directory, without "." and "..", in no order. Not a snapshot.
    virtual Result<void> list(const std::string& path, const Visit& visit) = 0;
    /// The same, in an order in which the disk finds the files' beginnings sooner. Costs a little
    /// memory and time more.
    virtual Result<void> list_by_place(const std::string& path, const Visit& visit) {
        return list(path, visit);
    }
};

/// The machine's file system.
Storage& posix_storage();

}  // namespace sluice::queue
