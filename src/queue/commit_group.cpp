#include "queue/commit_group.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>

#include "queue/commit.h"
#include "queue/segment_writer.h"
#include "queue/storage.h"
#include "queue/store.h"
#include "queue/sync_pool.h"

namespace sluice::queue {

struct CommitGroup::Impl {
    struct Pending {
        std::vector<FinishedFile> copies;
        CommitDone done;
    };

    Impl(Store& its_store, CommitGroupOptions its_options)
        : store(its_store), options(std::move(its_options)), pool(options.sync_threads) {}

    void run();
    std::vector<Pending> next_batch();
    void commit(std::vector<Pending> batch, SegmentWriter& young);
    void count(const std::vector<CommitItem>& items);

    Store& store;
    const CommitGroupOptions options;
    SyncPool pool;
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::deque<Pending> pending;
    std::size_t expected = 1;  ///< size of the batch before: as many may come again
    bool stopping = false;
    CommitStatistics statistics;
    std::vector<std::thread> threads;
};

CommitGroup::CommitGroup(Store& store, CommitGroupOptions options)
    : impl_(std::make_unique<Impl>(store, std::move(options))) {
    for (unsigned i = 0; i < std::max(impl_->options.committers, 1U); ++i) {
        impl_->threads.emplace_back([this] { impl_->run(); });
    }
}

CommitGroup::~CommitGroup() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->changed.notify_all();
    for (std::thread& thread : impl_->threads) thread.join();
}

void CommitGroup::submit(std::vector<FinishedFile> copies, CommitDone done) {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->pending.push_back({std::move(copies), std::move(done)});
    }
    impl_->changed.notify_one();
}

CommitStatistics CommitGroup::statistics() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->statistics;
}

// A segment belongs to one committer: a failed sync is the affair of one batch.
void CommitGroup::Impl::run() {
    SegmentWriter young(store);
    while (true) {
        std::vector<Pending> batch = next_batch();
        if (batch.empty()) return;
        commit(std::move(batch), young);
    }
}

// Sessions released by one batch send their next messages at about the same time. The first of
// them to come back waits a little for the others, so that they share the sync; a sender who is
// alone never waits.
std::vector<CommitGroup::Impl::Pending> CommitGroup::Impl::next_batch() {
    std::unique_lock lock(mutex);
    // Another committer may take everything while this one waits for more.
    while (pending.empty()) {
        if (stopping) return {};
        changed.wait(lock, [this] { return stopping || !pending.empty(); });
        if (options.delay.count() == 0 || pending.size() >= expected) continue;
        const auto until = std::chrono::steady_clock::now() + options.delay;
        changed.wait_until(lock, until, [this] { return stopping || pending.size() >= expected; });
    }
    const std::size_t limit = std::max<std::size_t>(options.batch_limit, 1);
    const auto count = static_cast<std::ptrdiff_t>(std::min(pending.size(), limit));
    std::vector<Pending> batch(
        std::make_move_iterator(pending.begin()), std::make_move_iterator(pending.begin() + count)
    );
    pending.erase(pending.begin(), pending.begin() + count);
    expected = batch.size();
    return batch;
}

void CommitGroup::Impl::commit(std::vector<Pending> batch, SegmentWriter& young) {
    std::vector<CommitItem> items;
    items.reserve(batch.size());
    for (Pending& one : batch) items.push_back({std::move(one.copies), {}});
    commit_batch(store, pool, items, store.options().young_limit > 0 ? &young : nullptr);
    count(items);
    for (std::size_t i = 0; i < items.size(); ++i)
        batch[i].done(items[i].failure ? Result<void>(*items[i].failure) : Result<void>());
    if (options.after_batch) options.after_batch();
}

// Before anybody is told: who has the answer finds its message counted.
void CommitGroup::Impl::count(const std::vector<CommitItem>& items) {
    const auto failures = std::count_if(items.begin(), items.end(), [](const CommitItem& item) {
        return item.failure.has_value();
    });
    const std::lock_guard lock(mutex);
    ++statistics.batches;
    statistics.messages += items.size();
    statistics.failures += static_cast<std::uint64_t>(failures);
    statistics.largest_batch = std::max<std::uint64_t>(statistics.largest_batch, items.size());
}

}  // namespace sluice::queue
