#include "queue/promotion.h"

#include <cerrno>
#include <string>
#include <utility>

#include "base/kill_point.h"
#include "base/log.h"
#include "queue/failure.h"
#include "queue/segment_entry.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

/// Written and synced below its temporary name.
Result<std::unique_ptr<StorageFile>> write_copy(
    Store& store, const std::string& path, const std::string& octets
) {
    auto file = store.storage().create(path);
    if (!file && file.error().error_number() == EEXIST) {
        // Left by a promotion that was killed: the entry's lock is ours, so nobody is at it.
        if (auto removed = store.storage().unlink(path); !removed) {
            return std::move(removed).error();
        }
        file = store.storage().create(path);
    }
    if (!file) return file;
    auto locked = (*file)->try_lock(0, 0);
    if (!locked) return std::move(locked).error();
    if (!*locked) return busy_error("lock " + path);
    if (auto written = (*file)->write_at(0, octets); !written) return std::move(written).error();
    if (auto synced = (*file)->sync_data(); !synced) return std::move(synced).error();
    return file;
}

/// Under whatever name it has by now.
Result<bool> has_file(const Store& store, const MessageLocation& location) {
    bool found = false;
    auto listed = store.storage().list(
        location.directory(store.root()),
        [&](std::string_view name, FileKind kind) {
            const auto parsed = parse_message_name(name);
            found = found ||
                    (kind == FileKind::regular && parsed && parsed->unique == location.name.unique);
        }
    );
    if (!listed && failure_kind(listed.error()) != Failure::gone) return std::move(listed).error();
    return found;
}

}  // namespace

Result<std::unique_ptr<StorageFile>> promote(Store& store, EntryFile& entry) {
    const MessageLocation location = entry.entry().location();
    const std::string& root = store.root();
    if (auto ready = store.prepare(location.channel, location.sub_directory); !ready) {
        return std::move(ready).error();
    }
    const std::string temporary = root + '/' + location.channel + "/tmp/" + location.name.unique;
    auto file = write_copy(store, temporary, entry.octets());
    kill_point("queue.promote.written");
    Result<void> moved;
    if (file) moved = store.storage().rename(temporary, location.path(root));
    if (!file || !moved) {
        (void)store.storage().unlink(temporary);
        return file ? std::move(moved).error() : std::move(file).error();
    }
    kill_point("queue.promote.renamed");
    if (auto synced = store.storage().sync_directory(location.directory(root)); !synced) {
        // Not the truth until it is durable; the entry still is.
        (void)store.storage().unlink(location.path(root));
        return std::move(synced).error();
    }
    auto marked = entry.set_mark(segment::Mark::moved);
    // With a live entry beside it the file must not get another name, or the message would be found
    // under both: held and waiting, for example. So the entry stays the truth.
    if (!marked && entry.is_live() && store.storage().unlink(location.path(root)))
        return std::move(marked).error();
    if (marked) marked = entry.sync_data();
    // The file counts all the same; the next look through the queue repeats the mark.
    if (!marked) diag::warning("%IMTA-W-DUPLICATE, not marked: " + marked.error().detail());
    kill_point("queue.promote.marked");
    return file;
}

Result<bool> finish_promotion(const Store& store, const SegmentEntry& entry) {
    auto young = EntryFile::open(store, entry, true);
    if (!young) {
        const Failure failure = failure_kind(young.error());
        if (failure == Failure::gone || failure == Failure::busy) return true;
        return std::move(young).error();
    }
    // A promotion that failed takes its file away again before it lets go of the entry: one that
    // was seen earlier may not be there now, and what is marked then is lost.
    auto there = has_file(store, entry.location());
    if (!there || !*there) return there;
    // Who was killed may not have come to syncing the name: without it the entry is all there is
    // after a power cut. And the mark is durable before the file can go, or a power cut after that
    // brings the entry back.
    auto marked = store.storage().sync_directory(entry.location().directory(store.root()));
    if (marked) marked = (*young)->set_mark(segment::Mark::moved);
    if (marked) marked = (*young)->sync_data();
    if (!marked) return std::move(marked).error();
    return true;
}

}  // namespace sluice::queue
