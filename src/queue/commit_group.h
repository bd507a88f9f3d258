#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "queue/message_writer.h"

namespace sluice::queue {

class Store;

/// The outcome of one message: success releases the 250. Must not throw and not block.
using CommitDone = std::function<void(const Result<void>& outcome)>;

struct CommitGroupOptions {
    /// QUEUE_COMMIT_DELAY_MS: how long a batch may wait until it has half of the messages that are
    /// under way, going by the batch before and those at work. A lone message never waits. 0: never
    /// wait.
    std::chrono::milliseconds delay{2};
    /// Committer threads: with two, one batch's names are synced while the next one's data is.
    unsigned committers = 2;
    /// Threads that wait for the disk, shared by the committers.
    unsigned sync_threads = 16;
    /// Most messages in one batch: bounds how long the first of them waits for the last.
    std::size_t batch_limit = 256;
    /// Called on the committer thread after the callbacks of each batch: for work that a batch can
    /// share, like writing its log entries. Must not throw.
    std::function<void()> after_batch = {};
};

struct CommitStatistics {
    std::uint64_t batches = 0;
    std::uint64_t messages = 0;
    std::uint64_t failures = 0;
    std::uint64_t largest_batch = 0;
};

/// Group commit: sessions hand over the finished copies of one message; committer threads sync all
/// that wait, move them into the queue, sync each directory once, then call back. A message is
/// never acknowledged before its own files and names are on stable storage. The copies of one
/// message succeed or fail together: on a failure all of them are removed before the callback.
/// A file whose sync failed is never synced again: the kernel may have dropped its pages.
/// Bound: what waits are open files of sessions, so the descriptor limit bounds it.
/// Thread-safe. Callbacks run on a committer thread.
class CommitGroup {
public:
    explicit CommitGroup(Store& store, CommitGroupOptions options = {});
    /// Commits what was submitted, then ends.
    ~CommitGroup();
    CommitGroup(const CommitGroup&) = delete;
    CommitGroup& operator=(const CommitGroup&) = delete;

    /// Without copies the message just waits for its batch. The outcome reaches `done` exactly
    /// once.
    void submit(std::vector<FinishedFile> copies, CommitDone done);
    [[nodiscard]] CommitStatistics statistics() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The same for single-threaded programs: one message, on the caller's thread.
Result<void> commit_now(Store& store, std::vector<FinishedFile> copies);

}  // namespace sluice::queue
