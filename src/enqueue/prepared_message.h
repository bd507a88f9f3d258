#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/time_zone.h"
#include "jobs/enqueue_notifier.h"
#include "log/log_file.h"
#include "message/header_scanner.h"
#include "queue/commit_group.h"
#include "queue/store.h"

namespace sluice::enqueue {

/// What all enqueuing of a process shares. The members outlive every builder and every commit.
struct Site {
    queue::Store& store;
    log::TransactionLog& log;
    jobs::EnqueueNotifier& notifier;
    TimeZone zone = TimeZone::system();
    std::string node = {};  ///< host name of the machine, for LOG_NODE
};

/// Options of a commit group for PreparedMessage::commit(): entries of a whole batch reach the log
/// with one write, then the job controller hears of the messages, so that nobody logs a delivery
/// before the entry of its arrival; then `released` is called, on the committer thread: the time to
/// tell the clients. `site` must outlive the group.
queue::CommitGroupOptions commit_options(Site& site, std::function<void()> released = {});

/// A message whose copies are complete but not yet in the queue, and what must be told once they
/// are.
class PreparedMessage {
public:
    /// Commits on the caller's thread; then writes the log entries and notifies the job controller.
    Result<void> commit(Site& site) &&;
    /// The same for several messages that make sense only together: all of them are in the queue,
    /// or none is. A crash in between may leave some.
    static Result<void> commit_together(std::vector<PreparedMessage> messages, Site& site);
    /// Commits with others in a group made with commit_options(). `done` runs on a committer
    /// thread; the log entries are posted then, and in the file when the group calls `released`.
    void commit(Site& site, queue::CommitGroup& group, queue::CommitDone done) &&;
    [[nodiscard]] const std::string& envelope_id() const { return envelope_id_; }
    [[nodiscard]] const message::HeaderFacts& facts() const { return facts_; }

private:
    friend class MessageBuilder;
    struct Announcement {
        std::vector<log::Event> events;
        log::LogOptions log_options;
        std::vector<jobs::NewMessage> messages;
    };

    std::vector<queue::FinishedFile> files_;
    Announcement announcement_;
    std::string envelope_id_;
    message::HeaderFacts facts_;
};

}  // namespace sluice::enqueue
