#include "queue/reclaim.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/kill_point.h"
#include "base/log.h"
#include "queue/failure.h"
#include "queue/segments.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

/// Its header was in no sync, and so nothing in it was acknowledged.
bool was_never_begun(StorageFile& file) {
    std::string header(segment::encoded_header_size(), '\0');
    return file.read_at(0, header.data(), header.size()) &&
           header.find_first_not_of('\0') == std::string::npos;
}

Result<bool> remove(Storage& storage, const std::string& path) {
    if (auto removed = storage.unlink(path); !removed) return std::move(removed).error();
    kill_point("queue.segment.reclaimed");
    return true;
}

}  // namespace

Result<bool> reclaim_segment(
    Storage& storage, const Segments& segments, const std::string& id, StorageFile& file
) {
    auto locked = file.try_lock(0, 1);
    if (!locked || !*locked) return locked;
    if (was_never_begun(file)) return remove(storage, segments.path(id));
    auto table = Segments::read_table(file, id);
    if (!table) return std::move(table).error();
    const bool is_used = std::any_of(table->rows.begin(), table->rows.end(), [](const auto& row) {
        return row.mark == segment::Mark::live;
    });
    if (is_used || table->damaged > 0) return false;
    // Its name may come back after a power cut, and must not bring a message with it.
    if (auto synced = file.sync_data(); !synced) return std::move(synced).error();
    return remove(storage, segments.path(id));
}

Result<std::size_t> reclaim_segments(Store& store) {
    auto ids = store.segments().list();
    if (!ids) return std::move(ids).error();
    std::size_t count = 0;
    for (const std::string& id : *ids) {
        auto file = store.storage().open(store.segments().path(id), Storage::Open::read_write);
        if (!file) continue;
        auto reclaimed = reclaim_segment(store.storage(), store.segments(), id, **file);
        if (reclaimed && *reclaimed) ++count;
        if (!reclaimed && failure_kind(reclaimed.error()) != Failure::gone) {
            diag::warning(
                "segment " + store.segments().path(id) + ": " + reclaimed.error().detail()
            );
        }
    }
    return count;
}

}  // namespace sluice::queue
