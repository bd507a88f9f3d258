#include "queue/commit_group.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <limits>
#include <mutex>
#include <thread>

#include "queue/commit.h"
#include "queue/segment_writer.h"
#include "queue/storage.h"
#include "queue/store.h"
#include "queue/sync_pool.h"

namespace sluice::queue {

namespace {

constexpr std::size_t nobody_waits = std::numeric_limits<std::size_t>::max();

}  // namespace

struct CommitGroup::Impl {
    struct Pending {
        std::vector<FinishedFile> copies;
        CommitDone done;
    };

    Impl(Store& its_store, CommitGroupOptions its_options)
        : store(its_store), options(std::move(its_options)), pool(options.sync_threads) {}

    using Lock = std::unique_lock<std::mutex>;

    void run();
    std::vector<Pending> next_batch();
    void gather(Lock& lock);
    [[nodiscard]] std::size_t half_of_them() const { return (last + in_flight + 1) / 2; }
    std::vector<Pending> take_batch();
    void commit(std::vector<Pending> batch, SegmentWriter& young);
    void count(const std::vector<CommitItem>& items);

    Store& store;
    const CommitGroupOptions options;
    SyncPool pool;
    mutable std::mutex mutex;
    std::condition_variable turn;  ///< one committer gathers, the others wait here
    std::condition_variable enough;
    std::deque<Pending> pending;
    /// So many must be pending for the gathering committer to be woken.
    std::size_t wanted = nobody_waits;
    bool gathering = false;
    std::size_t last = 0;       ///< size of the batch before: as many may come again
    std::size_t in_flight = 0;  ///< messages of batches that are being committed
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
    impl_->turn.notify_all();
    impl_->enough.notify_all();
    for (std::thread& thread : impl_->threads) thread.join();
}

// A committer that still has too few is left asleep: a wake-up costs more than all else here.
void CommitGroup::submit(std::vector<FinishedFile> copies, CommitDone done) {
    bool is_enough = false;
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->pending.push_back({std::move(copies), std::move(done)});
        is_enough = impl_->pending.size() >= impl_->wanted;
        if (is_enough) impl_->wanted = nobody_waits;
    }
    if (is_enough) impl_->enough.notify_one();
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
        const std::size_t size = batch.size();
        commit(std::move(batch), young);
        const std::lock_guard lock(mutex);
        in_flight -= size;
    }
}

std::vector<CommitGroup::Impl::Pending> CommitGroup::Impl::next_batch() {
    Lock lock(mutex);
    turn.wait(lock, [this] { return !gathering; });
    gathering = true;
    gather(lock);
    std::vector<Pending> batch = take_batch();
    gathering = false;
    lock.unlock();
    turn.notify_one();
    return batch;
}

// Sessions released by one batch send their next messages at about the same time. The first of
// them to come back waits a little for half of all there are, so that they share the sync, and one
// half is busy while the other waits for the disk; a sender who is alone never waits.
void CommitGroup::Impl::gather(Lock& lock) {
    const auto has = [this](std::size_t count) {
        return [this, count] {
            wanted = count;  // also after a wake-up for nothing
            return stopping || pending.size() >= count;
        };
    };
    enough.wait(lock, has(1));
    if (options.delay.count() > 0 && !stopping)
        enough.wait_until(
            lock, std::chrono::steady_clock::now() + options.delay, has(half_of_them())
        );
    wanted = nobody_waits;
}

/// Empty when the group ends and nothing is left.
std::vector<CommitGroup::Impl::Pending> CommitGroup::Impl::take_batch() {
    const std::size_t limit = std::max<std::size_t>(options.batch_limit, 1);
    const auto count = static_cast<std::ptrdiff_t>(std::min(pending.size(), limit));
    std::vector<Pending> batch(
        std::make_move_iterator(pending.begin()), std::make_move_iterator(pending.begin() + count)
    );
    pending.erase(pending.begin(), pending.begin() + count);
    if (!batch.empty()) last = batch.size();
    in_flight += batch.size();
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
