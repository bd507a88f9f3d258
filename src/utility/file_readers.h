#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "utility/progress.h"
#include "utility/qm_gather.h"

namespace sluice::utility {

/// Reads message files on all processors while their names are still being found, and keeps what
/// the selector wants. A short list is read by the caller alone.
class FileReaders {
public:
    /// `progress` may be null; the caller's thread alone moves it.
    FileReaders(
        queue::Store& store,
        const Selector& selector,
        const GatherDetail& detail,
        Progress* progress
    );
    ~FileReaders();
    FileReaders(const FileReaders&) = delete;
    FileReaders& operator=(const FileReaders&) = delete;

    void take(QueuedMessage message);
    /// Waits for all that was taken. In no order.
    std::vector<QueuedMessage> finish();

private:
    using Chunk = std::vector<QueuedMessage>;

    void hand_out();
    void add_thread();
    void work();
    /// One chunk, if there is one.
    bool work_once();
    void read(Chunk chunk);
    void show_progress();

    queue::Store& store_;
    const Selector& selector_;
    const GatherDetail& detail_;
    Progress* progress_;
    Chunk filling_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Chunk> waiting_;
    bool ended_ = false;
    std::size_t read_ = 0;
    std::vector<QueuedMessage> found_;
    std::vector<std::thread> threads_;
    std::size_t shown_ = 0;
};

}  // namespace sluice::utility
