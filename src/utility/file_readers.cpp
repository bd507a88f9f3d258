#include "utility/file_readers.h"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include "queue/message_reader.h"

namespace sluice::utility {

namespace {

/// Fewer are not worth a thread.
constexpr std::size_t chunk_size = 256;
/// Chunks for each thread that may wait before whoever finds the names reads files too: bounds the
/// memory that names take.
constexpr std::size_t chunks_ahead = 16;

}  // namespace

FileReaders::FileReaders(
    queue::Store& store, const Selector& selector, const GatherDetail& detail, Progress* progress
)
    : store_(store), selector_(selector), detail_(detail), progress_(progress) {}

FileReaders::~FileReaders() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        waiting_.clear();
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void FileReaders::take(QueuedMessage message) {
    filling_.push_back(std::move(message));
    if (filling_.size() == chunk_size) hand_out();
}

std::vector<QueuedMessage> FileReaders::finish() {
    read(std::exchange(filling_, {}));
    while (work_once()) show_progress();
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return std::move(found_);
}

void FileReaders::hand_out() {
    std::size_t ahead = 0;
    {
        const std::lock_guard lock(mutex_);
        if (threads_.size() < std::max(std::thread::hardware_concurrency(), 1U)) add_thread();
        waiting_.push_back(std::exchange(filling_, {}));
        ahead = threads_.empty() ? chunks_ahead : waiting_.size() / threads_.size();
    }
    changed_.notify_one();
    filling_.reserve(chunk_size);
    if (ahead >= chunks_ahead) (void)work_once();
    show_progress();
}

/// Where there can be no more threads those that there are do it.
void FileReaders::add_thread() {
    try {
        threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {  // tried again with the next piece
    }
}

void FileReaders::work() {
    while (true) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
        }
        (void)work_once();
    }
}

bool FileReaders::work_once() {
    Chunk chunk;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) return false;
        chunk = std::move(waiting_.front());
        waiting_.pop_front();
    }
    read(std::move(chunk));
    return true;
}

void FileReaders::read(Chunk chunk) {
    queue::MessageReader reader(store_);
    reader.prepare(
        chunk.size(), [&](std::size_t i) -> const auto& { return chunk[i].location; }
    );
    const auto is_unwanted = [&](QueuedMessage& message) {
        if (selector_.minds_sender()) {
            const auto sender = reader.peek_sender(message.location);
            if (sender && selector_.rules_out_sender(*sender)) return true;
        }
        read_message(reader, message, detail_);
        const bool is_gone = !message.is_read && message.trouble.empty();
        return is_gone || !selector_.matches_content(message);
    };
    const std::size_t count = chunk.size();
    std::erase_if(chunk, is_unwanted);
    const std::lock_guard lock(mutex_);
    read_ += count;
    std::move(chunk.begin(), chunk.end(), std::back_inserter(found_));
}

void FileReaders::show_progress() {
    if (progress_ == nullptr) return;
    std::size_t now = 0;
    {
        const std::lock_guard lock(mutex_);
        now = read_;
    }
    progress_->advance(now - shown_);
    shown_ = now;
}

}  // namespace sluice::utility
