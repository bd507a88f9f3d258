#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "base/result.h"

namespace sluice::queue {

class Segments;
class Storage;

/// Makes removals durable in batches: a directory or segment noted here is synced once, at the
/// latest after the interval, however many messages left it. Losing a removal in a crash costs a
/// duplicate, never a message. A segment that everything has left is removed. The thread starts
/// with the first note. Thread-safe; the destructor flushes.
class DirectorySyncs {
public:
    DirectorySyncs(Storage& storage, Segments& segments, std::chrono::milliseconds interval)
        : storage_(storage), segments_(segments), interval_(interval) {}
    ~DirectorySyncs();
    DirectorySyncs(const DirectorySyncs&) = delete;
    DirectorySyncs& operator=(const DirectorySyncs&) = delete;

    void note(std::string directory);
    /// `id`: of a segment with new marks.
    void note_segment(std::string_view id);
    /// Syncs all that is noted now. The first failure is returned; all are tried.
    Result<void> flush();

private:
    void run();
    Result<void> settle_segment(const std::string& id);
    void start_thread();

    Storage& storage_;
    Segments& segments_;
    const std::chrono::milliseconds interval_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> noted_;  ///< bounded by the number of directories in the queue
    std::set<std::string, std::less<>> noted_segments_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace sluice::queue
