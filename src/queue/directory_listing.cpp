#include "queue/directory_listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/deleter.h"
#include "base/unique_fd.h"

namespace sluice::queue {

namespace {

/// Bounds memory to two megabytes. A directory of a deep queue has more, and its inodes are then
/// gone through more than once, which they can be in memory.
constexpr std::size_t sorted_at_once = 32768;

FileKind kind_of_entry(int directory, const dirent& entry) {
    switch (entry.d_type) {
        case DT_REG:
            return FileKind::regular;
        case DT_DIR:
            return FileKind::directory;
        case DT_LNK:
            return FileKind::symlink;
        case DT_UNKNOWN:
            break;
        default:
            return FileKind::other;
    }
    struct stat status {};
    if (::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return FileKind::other;
    }
    if (S_ISREG(status.st_mode)) return FileKind::regular;
    if (S_ISDIR(status.st_mode)) return FileKind::directory;
    return S_ISLNK(status.st_mode) ? FileKind::symlink : FileKind::other;
}

/// `take(entry, kind)` for all but "." and "..".
template <class Take>
Result<void> read_entries(const std::string& path, Take take) {
    const auto failed = [&](const std::string& call) {
        return Error::from_errno(errno, call + ' ' + path);
    };
    UniqueFd fd;
    do {
        fd = UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    } while (!fd && errno == EINTR);
    if (!fd) return failed("open directory");
    const std::unique_ptr<DIR, Deleter<::closedir>> directory(::fdopendir(fd.get()));
    if (!directory) return failed("read directory");
    (void)fd.release();
    while (true) {
        errno = 0;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): safe for different directory streams
        const dirent* entry = ::readdir(directory.get());
        if (entry == nullptr) break;
        const std::string_view name(entry->d_name);
        if (name != "." && name != "..")
            take(*entry, kind_of_entry(::dirfd(directory.get()), *entry));
    }
    if (errno != 0) return failed("read directory");
    return {};
}

struct Entry {
    std::uint64_t inode = 0;
    std::string name;
    FileKind kind = FileKind::other;
};

void visit_in_order(std::vector<Entry>& entries, const Storage::Visit& visit) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return a.inode < b.inode;
    });
    for (const Entry& entry : entries) visit(entry.name, entry.kind);
    entries.clear();
}

}  // namespace

Result<void> list_directory(const std::string& path, const Storage::Visit& visit) {
    return read_entries(path, [&](const dirent& entry, FileKind kind) {
        visit(std::string_view(entry.d_name), kind);
    });
}

Result<void> list_directory_by_inode(const std::string& path, const Storage::Visit& visit) {
    std::vector<Entry> entries;
    auto read = read_entries(path, [&](const dirent& entry, FileKind kind) {
        entries.push_back({entry.d_ino, entry.d_name, kind});
        if (entries.size() == sorted_at_once) visit_in_order(entries, visit);
    });
    visit_in_order(entries, visit);
    return read;
}

}  // namespace sluice::queue
