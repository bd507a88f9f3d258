#include "queue/directory_syncs.h"

#include <utility>

#include "base/log.h"
#include "queue/failure.h"
#include "queue/reclaim.h"
#include "queue/segments.h"
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
    if (noted_.insert(std::move(directory)).second) start_thread();
}

void DirectorySyncs::note_segment(std::string_view id) {
    const std::lock_guard lock(mutex_);
    if (noted_segments_.contains(id)) return;
    noted_segments_.emplace(id);
    start_thread();
}

void DirectorySyncs::start_thread() {
    if (!thread_.joinable() && !stopping_) thread_ = std::thread([this] { run(); });
    if (noted_.size() + noted_segments_.size() == 1) changed_.notify_all();
}

/// Marks become durable; a segment without a live entry goes, if nobody appends to it.
Result<void> DirectorySyncs::settle_segment(const std::string& id) {
    auto file = storage_.open(segments_.path(id), Storage::Open::read_write);
    if (!file && failure_kind(file.error()) == Failure::gone) return {};
    if (!file) return std::move(file).error();
    if (auto synced = (*file)->sync_data(); !synced) return synced;
    auto reclaimed = reclaim_segment(storage_, segments_, id, **file);
    if (!reclaimed) return std::move(reclaimed).error();
    return {};
}

Result<void> DirectorySyncs::flush() {
    std::set<std::string> directories;
    std::set<std::string, std::less<>> segments;
    {
        const std::lock_guard lock(mutex_);
        directories.swap(noted_);
        segments.swap(noted_segments_);
    }
    Result<void> outcome;
    for (const std::string& id : segments) {
        auto settled = settle_segment(id);
        if (!settled && outcome) outcome = std::move(settled);
    }
    for (const std::string& directory : directories) {
        auto synced = storage_.sync_directory(directory);
        if (!synced && outcome) outcome = std::move(synced);
    }
    return outcome;
}

void DirectorySyncs::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        changed_.wait(lock, [this] {
            return stopping_ || !noted_.empty() || !noted_segments_.empty();
        });
        changed_.wait_for(lock, interval_, [this] { return stopping_; });
        if (stopping_) return;
        lock.unlock();
        if (auto flushed = flush(); !flushed) diag::warning(flushed.error().to_debug_string());
        lock.lock();
    }
}

}  // namespace sluice::queue
