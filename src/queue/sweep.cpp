#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "queue/failure.h"
#include "queue/reclaim.h"
#include "queue/scan.h"
#include "queue/storage.h"
#include "queue/store.h"
#include "queue/timestamp.h"

namespace sluice::queue {

namespace {

/// True: nobody was writing the file and it is gone.
Result<bool> remove_abandoned(Store& store, const std::string& path, WallTime before) {
    auto file = store.storage().open(path, Storage::Open::read_write);
    if (!file) return std::move(file).error();
    auto status = (*file)->status();
    if (!status) return std::move(status).error();
    if (status->kind != FileKind::regular || status->modified > before) return false;
    auto locked = (*file)->try_lock(0, 0);
    if (!locked) return locked;
    if (!*locked) return false;
    // Committed and renamed between the listing and the lock: then the name is another file's.
    auto named = store.storage().status(path);
    if (!named) return std::move(named).error();
    if (named->inode != status->inode) return false;
    if (auto removed = store.storage().unlink(path); !removed) return std::move(removed).error();
    return true;
}

Result<std::size_t> sweep_channel(Store& store, const std::string& channel, WallTime before) {
    const std::string directory = store.root() + '/' + channel + "/tmp";
    std::vector<std::string> names;
    auto listed = store.storage().list(directory, [&](std::string_view name, FileKind kind) {
        if (kind == FileKind::regular) names.emplace_back(name);
    });
    if (!listed && failure_kind(listed.error()) == Failure::gone) return std::size_t{0};
    if (!listed) return std::move(listed).error();
    std::size_t count = 0;
    for (const std::string& name : names) {
        auto removed =
            remove_abandoned(store, std::string(directory).append("/").append(name), before);
        if (removed && *removed) ++count;
        if (!removed && failure_kind(removed.error()) != Failure::gone) {
            diag::warning("temporary file not swept: " + removed.error().detail());
        }
    }
    return count;
}

}  // namespace

Result<std::size_t> sweep_temporary_files(Store& store, std::chrono::seconds max_age) {
    if (auto reclaimed = reclaim_segments(store); !reclaimed) return reclaimed;
    const WallTime before = store.clock().wall_now() - max_age;
    auto channels = list_channels(store);
    if (!channels) return std::move(channels).error();
    std::size_t count = 0;
    for (const std::string& channel : *channels) {
        auto swept = sweep_channel(store, channel, before);
        if (!swept) return swept;
        count += *swept;
    }
    return count;
}

RootLock::RootLock(std::unique_ptr<StorageFile> file) : file_(std::move(file)) {}
RootLock::RootLock(RootLock&&) noexcept = default;
RootLock& RootLock::operator=(RootLock&&) noexcept = default;
RootLock::~RootLock() = default;

Result<RootLock> RootLock::acquire(Store& store) {
    const std::string path = store.root() + "/.lock";
    auto file = store.storage().open(path, Storage::Open::create_or_open);
    if (!file) return std::move(file).error();
    auto locked = (*file)->try_lock(0, 0);
    if (!locked) return std::move(locked).error();
    std::string text(80, '\0');
    if (!*locked) {
        auto size = (*file)->read_at(0, text.data(), text.size());
        text.resize(size ? *size : 0);
        return busy_error(
            "queue root " + store.root() + " is in use by process " +
            text.substr(0, text.find('\n'))
        );
    }
    text = std::to_string(::getpid()) + " since " + format_timestamp(store.clock().wall_now());
    text.resize(79, ' ');
    if (auto written = (*file)->write_at(0, text + '\n'); !written) {
        return std::move(written).error();
    }
    return RootLock(*std::move(file));
}

}  // namespace sluice::queue
