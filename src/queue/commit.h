#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "queue/message_writer.h"

namespace sluice::queue {

class SegmentWriter;
class Store;
class SyncPool;

/// One message on its way into the queue.
struct CommitItem {
    std::vector<FinishedFile> copies;
    std::optional<Error> failure;  ///< set by commit_batch()
};

/// Commits a batch: sync each file, rename, sync each directory once; the syncs run side by side on
/// the pool. Copies in memory go into `young`, with one sync for all of them, or, without it, into
/// files. Each item either succeeds whole, or has `failure` set and all of its copies removed.
void commit_batch(
    Store& store, SyncPool& pool, std::span<CommitItem> batch, SegmentWriter* young = nullptr
);

}  // namespace sluice::queue
