#include "queue/directory_syncs.h"

#include <utility>

#include "base/log.h"
#include "queue/storage.h"

namespace sluice::queue {

DirectorySyncs::~DirectorySyncs() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (auto flushed = flush(); !flushed) diag::warning(flushed.error().to_debug_string());
}

void DirectorySyncs::note(std::string directory) {
    const std::lock_guard lock(mutex_);
    const bool first = noted_.empty();
    noted_.insert(std::move(directory));
    if (!thread_.joinable() && !stopping_) thread_ = std::thread([this] { run(); });
    if (first) changed_.notify_all();
}

Result<void> DirectorySyncs::flush() {
    std::set<std::string> directories;
    {
        const std::lock_guard lock(mutex_);
        directories.swap(noted_);
    }
    Result<void> outcome;
    for (const std::string& directory : directories) {
        auto synced = storage_.sync_directory(directory);
        if (!synced && outcome) outcome = std::move(synced);
    }
    return outcome;
}

void DirectorySyncs::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        changed_.wait(lock, [this] { return stopping_ || !noted_.empty(); });
        changed_.wait_for(lock, interval_, [this] { return stopping_; });
        if (stopping_) return;
        lock.unlock();
        if (auto flushed = flush(); !flushed) diag::warning(flushed.error().to_debug_string());
        lock.lock();
    }
}

}  // namespace sluice::queue
