#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dequeue/master.h"
#include "dequeue/settler.h"
#include "jobs/protocol.h"
#include "queue/message_file.h"

namespace sluice::dequeue {

struct Attempt;

/// Takes one message at a time through an attempt: lock, deliver, settle. Belongs to one thread.
class MessageWorker {
public:
    MessageWorker(
        enqueue::Runtime& runtime,
        const channel::Channel& channel,
        Deliverer& deliverer,
        unsigned thread
    );

    /// What the job controller is told about the message.
    jobs::DoneItem handle(const jobs::WorkItem& item);
    /// Whether the far end of the channel was overloaded then.
    [[nodiscard]] bool met_overload() const { return met_overload_; }

private:
    bool is_deferred(Attempt& attempt, jobs::DoneItem& done);
    bool postpones(const Attempt& attempt, const std::string& host, jobs::DoneItem& done);
    jobs::DoneItem cannot_open(
        const Error& error, const queue::MessageLocation& location, jobs::DoneItem done
    );

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
    Deliverer& deliverer_;
    Settler settler_;
    bool met_overload_ = false;
    bool debugs_;  ///< DEQUEUE_DEBUG with master_debug
};

}  // namespace sluice::dequeue
