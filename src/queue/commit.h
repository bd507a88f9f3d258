#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "queue/message_writer.h"

namespace sluice::queue {

class Store;
class SyncPool;

/// One message on its way into the queue.
struct CommitItem {
    std::vector<FinishedFile> copies;
    std::optional<Error> failure;  ///< set by commit_batch()
};

/// Commits a batch: sync each file, rename, sync each directory once; the syncs run side by side on
/// the pool. Each item either succeeds whole, or has `failure` set and all of its copies removed.
void commit_batch(Store& store, SyncPool& pool, std::span<CommitItem> batch);

}  // namespace sluice::queue
