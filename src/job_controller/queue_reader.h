#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "job_controller/queue_files.h"
#include "job_controller/scheduler.h"

namespace sluice::queue {
class Store;
}

namespace sluice::job_controller {

/// Reads the queue's directories and envelopes on threads of its own, so that live traffic does
/// not wait for the disk. Names only, except where a host must be known before a message found on
/// disk can be scheduled. Changes nothing but old temporary files. Requests are answered once
/// each, in any order.
class QueueReader {
public:
    using Scanned = ScannedChannel;
    struct Identified {
        Handle handle = 0;
        std::optional<Identity> identity;
    };
    using Answer = std::variant<Scanned, Identified>;

    /// `ready_fd`: an eventfd that is written when answers are waiting.
    QueueReader(queue::Store& store, unsigned threads, int ready_fd);
    /// Ends after the requests being worked on.
    ~QueueReader();
    QueueReader(const QueueReader&) = delete;
    QueueReader& operator=(const QueueReader&) = delete;

    void scan(ScanChannel request);
    void identify(Identify request);
    /// Removes temporary files that were left behind.
    void sweep(std::chrono::seconds max_age);
    std::vector<Answer> take_answers();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::job_controller
