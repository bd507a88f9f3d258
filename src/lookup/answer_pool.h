#pragma once

#include <functional>
#include <memory>

namespace sluice::lookup {

/// A few threads for work that may wait, and a descriptor that tells an event loop when some of it
/// is done. The threads start with the first work, with the signal mask of that moment.
class AnswerPool {
public:
    explicit AnswerPool(unsigned threads);
    /// Waits for what is running; what has not begun is forgotten.
    ~AnswerPool();
    AnswerPool(const AnswerPool&) = delete;
    AnswerPool& operator=(const AnswerPool&) = delete;

    /// `work` runs on a thread of the pool, then `done` in run_finished(). Not from two threads at
    /// a time.
    void run(std::function<void()> work, std::function<void()> done);
    /// Readable when run_finished() has something to do.
    [[nodiscard]] int descriptor() const;
    void run_finished();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::lookup
