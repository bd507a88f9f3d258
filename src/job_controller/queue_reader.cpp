#include "job_controller/queue_reader.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "job_controller/queue_files.h"
#include "queue/scan.h"
#include "queue/store.h"

namespace sluice::job_controller {

struct QueueReader::Impl {
    Impl(queue::Store& its_store, int fd) : store(its_store), ready_fd(fd) {}

    using Task = std::function<void()>;
    /// Scans and envelopes have threads of their own: a long scan must not hold up a message.
    struct Lane {
        std::deque<Task> tasks;
        std::condition_variable wake;
    };

    queue::Store& store;
    const int ready_fd;
    std::mutex mutex;
    Lane scans;
    Lane envelopes;
    bool end = false;
    std::vector<Answer> answers;
    std::vector<std::thread> threads;

    void work(Lane& lane) {
        std::unique_lock lock(mutex);
        while (true) {
            lane.wake.wait(lock, [&] { return end || !lane.tasks.empty(); });
            if (end) return;
            const Task task = std::move(lane.tasks.front());
            lane.tasks.pop_front();
            lock.unlock();
            task();
            lock.lock();
        }
    }
    void add(Lane& lane, Task task) {
        const std::lock_guard lock(mutex);
        lane.tasks.push_back(std::move(task));
        lane.wake.notify_one();
    }
    void answer(Answer given) {
        const std::lock_guard lock(mutex);
        answers.push_back(std::move(given));
        if (answers.size() == 1) ::eventfd_write(ready_fd, 1);
    }
};

QueueReader::QueueReader(queue::Store& store, unsigned threads, int ready_fd)
    : impl_(std::make_unique<Impl>(store, ready_fd)) {
    Impl* impl = impl_.get();
    for (unsigned i = 0; i < std::max(1U, threads); ++i) {
        impl->threads.emplace_back([impl] { impl->work(impl->scans); });
    }
    impl->threads.emplace_back([impl] { impl->work(impl->envelopes); });
}

QueueReader::~QueueReader() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->end = true;
    }
    impl_->scans.wake.notify_all();
    impl_->envelopes.wake.notify_all();
    for (std::thread& thread : impl_->threads) thread.join();
}

void QueueReader::scan(ScanChannel request) {
    impl_->add(impl_->scans, [impl = impl_.get(), request = std::move(request)] {
        impl->answer(scan_files(impl->store, request));
    });
}

void QueueReader::identify(Identify request) {
    impl_->add(impl_->envelopes, [impl = impl_.get(), request = std::move(request)] {
        impl->answer(Identified{request.handle, read_identity(impl->store, request)});
    });
}

void QueueReader::sweep(std::chrono::seconds max_age) {
    impl_->add(impl_->scans, [impl = impl_.get(), max_age] {
        const auto removed = queue::sweep_temporary_files(impl->store, max_age);
        if (!removed) {
            diag::warning("sweep of temporary files: " + removed.error().to_debug_string());
        } else if (*removed > 0) {
            diag::info(std::to_string(*removed) + " old temporary files removed");
        }
    });
}

std::vector<QueueReader::Answer> QueueReader::take_answers() {
    const std::lock_guard lock(impl_->mutex);
    return std::exchange(impl_->answers, {});
}

}  // namespace sluice::job_controller
