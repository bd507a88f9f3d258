#pragma once

#include "jobs/worker_client.h"

namespace sluice::dequeue {

/// Lines of POST_DEBUG in the log of a channel with master_debug: what the job controller hands
/// out, and what it is told. Thread-safe.
class WorkDebug {
public:
    explicit WorkDebug(bool on) : on_(on) {}

    void answered(const jobs::WorkerClient::Answer& answer, unsigned thread) const;
    void done(const jobs::WorkItem& item, const jobs::DoneItem& done) const;

private:
    const bool on_;
};

}  // namespace sluice::dequeue
