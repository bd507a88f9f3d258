#include "store/lookup_table.h"

#include <cerrno>

#include "base/log.h"

namespace sluice::store {

namespace {

Error not_usable(const std::string& path) {
    return Error::temporary({4, 3, 5}, "database not usable", path + " is not usable");
}

}  // namespace

bool LookupTable::Identity::operator==(const Identity& other) const {
    return device == other.device && inode == other.inode && size == other.size &&
           changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
}

LookupTable::Identity LookupTable::identity_of(const struct stat& status) {
    return {status.st_dev, status.st_ino, status.st_size, status.st_ctim};
}

Result<std::optional<std::string>> LookupTable::find(std::string_view key) {
    const auto database = current();
    if (!database) return database.error();
    if (*database == nullptr) return std::optional<std::string>();
    return (*database)->find(key);
}

Result<std::shared_ptr<const LookupDatabase>> LookupTable::current() {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    // One that is not usable is looked at each time: it may be mended at any moment.
    const bool is_well = !stat_failed_ && (database_ || !seen_);
    if (is_well && looked_ && now - *looked_ < patience_) return database_;
    looked_ = now;
    struct stat status {};
    const bool there = ::stat(path_.c_str(), &status) == 0;
    const int error = there ? 0 : errno;
    if (!there) {
        seen_.reset();
        database_.reset();
        if (error == ENOENT || error == ENOTDIR) {
            stat_failed_ = false;
            return std::shared_ptr<const LookupDatabase>();
        }
        if (!std::exchange(stat_failed_, true))
            diag::warning(Error::from_errno(error, "look at " + path_).detail());
        return not_usable(path_);
    }
    stat_failed_ = false;
    const Identity identity = identity_of(status);
    if (!seen_ || !(*seen_ == identity)) reopen(identity);
    if (!database_) return not_usable(path_);
    return database_;
}

// A file that is not usable is remembered too: it is looked at again when it changes.
void LookupTable::reopen(const Identity& identity) {
    seen_ = identity;
    database_.reset();
    auto opened = LookupDatabase::open(path_);
    if (opened) {
        database_ = std::move(*opened);
    } else {
        diag::warning("database not used: " + opened.error().detail());
    }
}

}  // namespace sluice::store
