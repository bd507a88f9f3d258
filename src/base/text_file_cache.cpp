#include "base/text_file_cache.h"

#include <sys/stat.h>

#include <cerrno>
#include <tuple>

#include "base/file.h"

namespace sluice {

namespace {

/// What changes whenever the content of a file does.
struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec modified{};
    timespec changed{};

    [[nodiscard]] auto parts() const {
        return std::tuple(
            device, inode, size, modified.tv_sec, modified.tv_nsec, changed.tv_sec, changed.tv_nsec
        );
    }
    friend bool operator==(const Identity& a, const Identity& b) { return a.parts() == b.parts(); }
};

Result<Identity> identity_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return Error::from_errno(errno, "stat " + path);
    if (!S_ISREG(status.st_mode)) return Error::from_errno(EINVAL, path + " is not a file");
    return Identity{status.st_dev, status.st_ino, status.st_size, status.st_mtim, status.st_ctim};
}

}  // namespace

struct TextFileCache::Entry {
    Identity identity;
    std::shared_ptr<const std::string> text;
};

TextFileCache::TextFileCache() = default;
TextFileCache::~TextFileCache() = default;

Result<std::shared_ptr<const std::string>> TextFileCache::read(const std::string& path) {
    // Looked at before it is read: a change in between is found at the next use.
    const auto identity = identity_of(path);
    if (!identity) return identity.error();
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(path);
        if (found != entries_.end() && found->second.identity == *identity)
            return found->second.text;
    }
    auto read = read_file(path, max_file_size);
    if (!read) return std::move(read).error();
    auto text = std::make_shared<const std::string>(std::move(*read));
    const std::lock_guard lock(mutex_);
    if (kept_ + text->size() > max_kept) {
        entries_.clear();
        kept_ = 0;
    }
    Entry& entry = entries_[path];
    kept_ += text->size();
    if (entry.text) kept_ -= entry.text->size();
    entry = {*identity, text};
    return text;
}

}  // namespace sluice
