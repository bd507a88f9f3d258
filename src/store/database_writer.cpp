#include "store/database_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/file.h"
#include "base/unique_fd.h"
#include "store/lmdb_handles.h"
#include "store/seal.h"

namespace sluice::store {

namespace {

constexpr mode_t finished_mode = 0444;

/// Removes the file it names unless that has become what it was to be.
class Unfinished {
public:
    explicit Unfinished(std::string path) : path_(std::move(path)) {}
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    ~Unfinished() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }
    void keep() { path_.clear(); }

private:
    std::string path_;
};

/// Address space for LMDB to build in; the file gets as long as its used pages.
std::size_t room_for(const Entries& entries) {
    constexpr std::size_t least = 16UL << 20U;
    constexpr std::size_t of_an_entry = 64;
    std::size_t room = least;
    for (const auto& [key, value] : entries) room += 4 * (key.size() + value.size() + of_an_entry);
    return room;
}

Result<void> fill(const std::string& path, const Entries& entries) {
    MDB_env* raw = nullptr;
    if (const int code = mdb_env_create(&raw); code != 0) return lmdb_error(code, "create");
    const LmdbEnvironment environment(raw);
    mdb_env_set_mapsize(raw, room_for(entries));
    constexpr unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC;
    if (const int code = mdb_env_open(raw, path.c_str(), flags, 0600); code != 0)
        return lmdb_error(code, "create " + path);
    MDB_txn* begun = nullptr;
    if (const int code = mdb_txn_begin(raw, nullptr, 0, &begun); code != 0)
        return lmdb_error(code, "begin");
    LmdbTransaction transaction(begun);
    MDB_dbi table = 0;
    if (const int code = mdb_dbi_open(begun, nullptr, 0, &table); code != 0)
        return lmdb_error(code, "create " + path);
    for (const auto& [key, value] : entries) {
        MDB_val name = lmdb_value(key);
        MDB_val text = lmdb_value(value);
        if (const int code = mdb_put(begun, table, &name, &text, MDB_APPEND); code != 0)
            return lmdb_error(code, "write " + path);
    }
    if (const int code = mdb_txn_commit(transaction.release()); code != 0)
        return lmdb_error(code, "write " + path);
    return {};
}

Result<void> seal_file(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd) return Error::from_errno(errno, "open " + path);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return Error::from_errno(errno, "look at " + path);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const auto hash = hash_of_file(fd.get(), size);
    if (!hash) return hash.error();
    if (::lseek(fd.get(), 0, SEEK_END) < 0) return Error::from_errno(errno, "write " + path);
    if (auto written = write_all(fd.get(), encode_seal({size, *hash})); !written) return written;
    if (::fchmod(fd.get(), finished_mode) != 0) return Error::from_errno(errno, "chmod " + path);
    if (::fsync(fd.get()) != 0) return Error::from_errno(errno, "sync " + path);
    return {};
}

}  // namespace

Result<void> write_database(const std::string& path, const Entries& entries) {
    const std::string beside = path + ".new-" + std::to_string(::getpid());
    ::unlink(beside.c_str());  // of a process of that number that was killed
    Unfinished unfinished(beside);
    if (auto filled = fill(beside, entries); !filled) return filled;
    if (auto sealed = seal_file(beside); !sealed) return sealed;
    if (std::rename(beside.c_str(), path.c_str()) != 0)
        return Error::from_errno(errno, "rename " + beside + " to " + path);
    unfinished.keep();
    return sync_directory(directory_of(path));
}

}  // namespace sluice::store
