#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dequeue/master.h"
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

private:
    bool postpones(const Attempt& attempt, const std::string& host, jobs::DoneItem& done);
    jobs::DoneItem cannot_open(
        const Error& error, const queue::MessageLocation& location, jobs::DoneItem done
    );
    void announce_start(Attempt& attempt);
    void settle_attempt(Attempt& attempt, jobs::DoneItem& done);
    void send_notices(Attempt& attempt);
    void note_warning(Attempt& attempt);
    void write_log(const Attempt& attempt);
    void finish_file(Attempt& attempt, jobs::DoneItem& done);
    void remove_finished(Attempt& attempt, jobs::DoneItem& done);
    bool record_finished(Attempt& attempt);
    void next_attempt(Attempt& attempt, jobs::DoneItem& done);
    void hold(Attempt& attempt, jobs::DoneItem& done);
    void replace(Attempt& attempt, jobs::DoneItem& done);
    void note_failures(Attempt& attempt, queue::HistoryCode code);
    [[nodiscard]] queue::HistoryRecord history_record(
        const Attempt& attempt, queue::HistoryCode code
    ) const;
    [[nodiscard]] std::string relative_file(const queue::MessageLocation& location) const;

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
    Deliverer& deliverer_;
    queue::Actor actor_;
    log::LogOptions log_options_;
    bool logs_;
};

}  // namespace sluice::dequeue
