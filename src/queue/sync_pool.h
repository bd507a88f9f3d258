#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice::queue {

/// A few threads that spend their lives waiting for the disk. Syncs issued side by side share one
/// journal commit and one cache flush of the device; one after the other each pays its own.
/// Thread-safe.
class SyncPool {
public:
    /// With 0 threads everything runs on the caller's.
    explicit SyncPool(unsigned threads);
    ~SyncPool();
    SyncPool(const SyncPool&) = delete;
    SyncPool& operator=(const SyncPool&) = delete;

    /// Calls task(0) … task(count - 1), each once, in no order, the caller's thread helping;
    /// returns when all are done. Tasks must not throw.
    void run_all(std::size_t count, const std::function<void(std::size_t)>& task);

private:
    struct Job;
    void work();
    /// Takes the next index of `job`; false when none is left.
    static bool take_one(std::unique_lock<std::mutex>& lock, Job& job);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<Job>> jobs_;  ///< one per caller at most
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace sluice::queue
