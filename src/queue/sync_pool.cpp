#include "queue/sync_pool.h"

#include <algorithm>

namespace sluice::queue {

struct SyncPool::Job {
    const std::function<void(std::size_t)>* task = nullptr;
    std::size_t next = 0;
    std::size_t count = 0;
    std::size_t running = 0;
    std::condition_variable finished;
};

SyncPool::SyncPool(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

SyncPool::~SyncPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void SyncPool::run_all(std::size_t count, const std::function<void(std::size_t)>& task) {
    if (count < 2 || threads_.empty()) {
        for (std::size_t i = 0; i < count; ++i) task(i);
        return;
    }
    const auto job = std::make_shared<Job>();
    job->task = &task;
    job->count = count;
    std::unique_lock lock(mutex_);
    jobs_.push_back(job);
    const std::size_t helpers = std::min(count - 1, threads_.size());
    for (std::size_t i = 0; i < helpers; ++i) changed_.notify_one();
    while (take_one(lock, *job)) {
    }
    std::erase(jobs_, job);
    job->finished.wait(lock, [&] { return job->running == 0; });
}

bool SyncPool::take_one(std::unique_lock<std::mutex>& lock, Job& job) {
    if (job.next == job.count) return false;
    const std::size_t index = job.next++;
    ++job.running;
    lock.unlock();
    (*job.task)(index);
    lock.lock();
    if (--job.running == 0 && job.next == job.count) job.finished.notify_all();
    return true;
}

void SyncPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        const std::shared_ptr<Job> job = jobs_.front();
        while (take_one(lock, *job)) {
        }
        std::erase(jobs_, job);
    }
}

}  // namespace sluice::queue
