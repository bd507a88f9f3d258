#pragma once

#include <mutex>
#include <thread>
#include <vector>

#include "config/configuration.h"
#include "enqueue/disk_guard.h"
#include "enqueue/runtime.h"

namespace sluice::dequeue {

/// Notes the state of the queue's disk for all programs, and tells the postmaster where it is the
/// first one that is not normal: once until there is enough room again, whoever finds it.
void note_disk_state(
    enqueue::Runtime& runtime, const config::ConfigurationPtr& configuration, enqueue::DiskState now
);

/// The same on threads of its own, for who must not wait. The destructor waits for them.
class DiskNotices {
public:
    explicit DiskNotices(enqueue::Runtime& runtime, config::ConfigurationPtr configuration)
        : runtime_(runtime), configuration_(std::move(configuration)) {}
    ~DiskNotices();
    DiskNotices(const DiskNotices&) = delete;
    DiskNotices& operator=(const DiskNotices&) = delete;

    void note(enqueue::DiskState now);

private:
    enqueue::Runtime& runtime_;
    config::ConfigurationPtr configuration_;
    std::mutex mutex_;
    std::vector<std::thread> threads_;  ///< one for each change, of which there are few
};

}  // namespace sluice::dequeue
