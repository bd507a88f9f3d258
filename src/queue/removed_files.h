#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice::queue {

class StorageFile;

/// Closes files whose names are gone. On a file system that tells the disk which blocks are free
/// (mount option discard) the last close of such a file takes milliseconds; there threads do it, as
/// many at a time as the disk likes. Elsewhere the caller closes at once and no thread exists.
/// Thread-safe. The destructor closes what is left.
class RemovedFiles {
public:
    RemovedFiles() = default;
    ~RemovedFiles();
    RemovedFiles(const RemovedFiles&) = delete;
    RemovedFiles& operator=(const RemovedFiles&) = delete;

    /// Takes a removed file. Never blocks for long unless many wait already.
    void close(std::unique_ptr<StorageFile> file);

private:
    void run();
    void close_timed(std::unique_ptr<StorageFile> file);

    std::atomic<bool> is_slow_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<StorageFile>> waiting_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool stopping_ = false;
};

}  // namespace sluice::queue
