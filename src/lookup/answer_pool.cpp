#include "lookup/answer_pool.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/unique_fd.h"

namespace sluice::lookup {

struct AnswerPool::Impl {
    struct Job {
        std::function<void()> work;
        std::function<void()> done;
    };

    void serve() {
        std::unique_lock lock(mutex);
        while (true) {
            changed.wait(lock, [this] { return stopping || !waiting.empty(); });
            if (stopping) return;
            Job job = std::move(waiting.front());
            waiting.pop_front();
            lock.unlock();
            try {
                job.work();
            } catch (const std::exception& problem) {
                diag::warning(std::string("look-up failed: ") + problem.what());
            }
            lock.lock();
            finished.push_back(std::move(job.done));
            const std::uint64_t one = 1;
            [[maybe_unused]] const ssize_t told = ::write(event.get(), &one, sizeof one);
        }
    }

    unsigned wanted = 0;
    UniqueFd event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job> waiting;
    std::vector<std::function<void()>> finished;
    bool stopping = false;
    std::vector<std::thread> threads;
};

AnswerPool::AnswerPool(unsigned threads) : impl_(std::make_unique<Impl>()) {
    impl_->wanted = threads;
}

AnswerPool::~AnswerPool() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->changed.notify_all();
    for (std::thread& thread : impl_->threads) thread.join();
}

void AnswerPool::run(std::function<void()> work, std::function<void()> done) {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->waiting.push_back({std::move(work), std::move(done)});
    }
    while (impl_->threads.size() < impl_->wanted)
        impl_->threads.emplace_back([impl = impl_.get()] { impl->serve(); });
    impl_->changed.notify_one();
}

int AnswerPool::descriptor() const {
    return impl_->event.get();
}

void AnswerPool::run_finished() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t emptied = ::read(impl_->event.get(), &count, sizeof count);
    std::vector<std::function<void()>> done;
    {
        const std::lock_guard lock(impl_->mutex);
        done.swap(impl_->finished);
    }
    for (const std::function<void()>& each : done) each();
}

}  // namespace sluice::lookup
