#pragma once

#include <string>

#include "dequeue/settlement.h"
#include "enqueue/runtime.h"
#include "jobs/protocol.h"
#include "queue/history.h"
#include "queue/message_file.h"

namespace sluice::dequeue {

struct Attempt;

/// Puts into effect what an attempt, or age alone, makes of a message: notifications, log entries,
/// what becomes of the file. Belongs to one thread.
class Settler {
public:
    Settler(enqueue::Runtime& runtime, const channel::Channel& channel, unsigned thread);

    /// After an attempt: its dispositions are in place. `done`: what the job controller is told.
    void settle_attempt(Attempt& attempt, jobs::DoneItem& done);
    /// Without one: the dispositions say what was last known. Only what is due by age happens, to
    /// recipients that are too old or whose sender is to be warned; everything else stays as it is.
    /// `held_back`: the message waits on purpose. True where something was done.
    bool settle_age(Attempt& attempt, bool held_back);
    /// Takes those out of `unfinished` (indexes in the envelope) who were finished when their file
    /// could not be made to say so, and has it say so now if that can be done.
    void leave_out_finished(queue::MessageFile& file, std::vector<std::size_t>& unfinished);
    /// Nobody is left to serve.
    void remove_finished(Attempt& attempt, jobs::DoneItem& done);
    /// For the logs: deliveries to all recipients of the attempt begin.
    void announce_start(Attempt& attempt);

private:
    void announce_end(const Attempt& attempt);
    void begin(Attempt& attempt);
    void send_notices(Attempt& attempt);
    void apply_error_actions(Attempt& attempt);
    static void drop_the_rest(Attempt& attempt);
    void note_warning(Attempt& attempt);
    void mark_held(Attempt& attempt);
    void finish_file(Attempt& attempt, jobs::DoneItem& done);
    void record_finished(Attempt& attempt);
    void next_attempt(Attempt& attempt, jobs::DoneItem& done);
    void hold(Attempt& attempt, jobs::DoneItem& done);
    bool hold_apart(Attempt& attempt);
    void replace(Attempt& attempt, jobs::DoneItem& done);
    void log_hold(
        const Attempt& attempt, const queue::MessageLocation& where, const std::string& reason
    );
    void note_failures(Attempt& attempt, queue::HistoryCode code);
    [[nodiscard]] queue::HistoryRecord history_record(
        const Attempt& attempt, queue::HistoryCode code
    ) const;

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
    queue::Actor actor_;
    log::LogOptions log_options_;
    bool logs_;
    bool logs_headers_;  ///< keyword logheader, when somebody got the message
};

}  // namespace sluice::dequeue
