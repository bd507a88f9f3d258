#include "queue/removed_files.h"

#include <chrono>
#include <utility>

#include "queue/storage.h"

namespace sluice::queue {

namespace {

/// A close that takes longer is worth a thread.
constexpr std::chrono::microseconds slow_close{500};
/// Twice as many halve the time once more on the machine of docs/performance.md.
constexpr std::size_t most_threads = 48;
/// Bounds open descriptors: with so many waiting the caller closes its own.
constexpr std::size_t most_waiting = 96;

}  // namespace

RemovedFiles::~RemovedFiles() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void RemovedFiles::close(std::unique_ptr<StorageFile> file) {
    if (!file) return;
    if (!is_slow_) return close_timed(std::move(file));
    std::unique_lock lock(mutex_);
    if (waiting_.size() >= most_waiting) {
        lock.unlock();
        return close_timed(std::move(file));
    }
    waiting_.push_back(std::move(file));
    if (idle_ < waiting_.size() && threads_.size() < most_threads)
        threads_.emplace_back([this] { run(); });
    lock.unlock();
    changed_.notify_one();
}

void RemovedFiles::close_timed(std::unique_ptr<StorageFile> file) {
    const auto began = std::chrono::steady_clock::now();
    file.reset();
    is_slow_ = std::chrono::steady_clock::now() - began > slow_close;
}

void RemovedFiles::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        ++idle_;
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        --idle_;
        if (waiting_.empty()) return;
        std::unique_ptr<StorageFile> file = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        close_timed(std::move(file));
        lock.lock();
    }
}

}  // namespace sluice::queue
