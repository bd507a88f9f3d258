#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "base/result.h"

namespace sluice::queue {

class Storage;

/// Makes removals durable in batches: a directory noted here is synced once, at the latest after
/// the interval, however many files left it. Losing a removal in a crash costs a duplicate, never
/// a message. The thread starts with the first note. Thread-safe; the destructor flushes.
class DirectorySyncs {
public:
    DirectorySyncs(Storage& storage, std::chrono::milliseconds interval)
        : storage_(storage), interval_(interval) {}
    ~DirectorySyncs();
    DirectorySyncs(const DirectorySyncs&) = delete;
    DirectorySyncs& operator=(const DirectorySyncs&) = delete;

    void note(std::string directory);
    /// Syncs all noted directories now. The first failure is returned; all are tried.
    Result<void> flush();

private:
    void run();

    Storage& storage_;
    const std::chrono::milliseconds interval_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> noted_;  ///< bounded by the number of directories in the queue
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace sluice::queue
