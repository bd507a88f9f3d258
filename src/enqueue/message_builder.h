#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.h"
#include "channel/channel_table.h"
#include "enqueue/copy_headers.h"
#include "enqueue/fragmenting.h"
#include "enqueue/split.h"
#include "enqueue/submission.h"
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

/// What the configuration says about every message.
struct MessageLimits {
    message::TraceLimits trace;
    std::uint64_t header_bytes = 2000UL * 1024;  ///< HEADER_LIMIT; more is thrown away
    bool one_header_limit = false;               ///< HEADER_LIMIT is set: headerlimit does nothing
    std::uint64_t block_size = 1024;             ///< BLOCK_SIZE
    PieceLimits header_shares;                   ///< MAX_HEADER_BLOCK_USE, MAX_HEADER_LINE_USE
    std::string local_host;                      ///< for generated envelope ids
    std::vector<std::string> local_names;        ///< names that make a Received line one of ours
};

/// Options of a commit group for PreparedMessage::commit(): entries of a whole batch reach the log
/// with one write, after which `released` is called, on the committer thread: the time to tell the
/// clients. `site` must outlive the group.
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
    static void announce(Site& site, Announcement announcement);

    std::vector<queue::FinishedFile> files_;
    Announcement announcement_;
    std::string envelope_id_;
    message::HeaderFacts facts_;
};

/// Takes the content of one message as it comes and writes all its copies. The header is kept in
/// memory until it is complete, since the envelope depends on it (message id, priority, loop
/// detection); the body is not. Destroying an unfinished builder leaves nothing behind. Not for use
/// from two threads.
class MessageBuilder {
public:
    /// `channels` must outlive the builder. `log_options` are those of the source channel. Without
    /// `header_work` header and envelope From go into the copies as they are.
    MessageBuilder(
        Site& site,
        const channel::ChannelTable& channels,
        const MessageLimits& limits,
        Submission submission,
        const log::LogOptions& log_options,
        std::unique_ptr<HeaderWork> header_work = nullptr
    );
    ~MessageBuilder();
    MessageBuilder(MessageBuilder&&) noexcept;
    MessageBuilder& operator=(MessageBuilder&&) noexcept;

    /// Content as received, CRLF line ends, cut anywhere. After a failure the builder only repeats
    /// it. A message without recipients, or with one for a channel that does not exist, fails
    /// (temporary): it is never taken without them. Where there is no channel `bitbucket`, what is
    /// for it is logged as if there were, and no file is made.
    Result<void> append(std::string_view bytes);
    /// The content is complete. finish() does it by itself; for those who ask must_wait() before.
    void end();
    Result<PreparedMessage> finish();
    /// The header work needs an answer that somebody must be waited for, for seconds perhaps. Then
    /// get_answers() waits, and so would the next append() or finish().
    [[nodiscard]] bool must_wait() const;
    /// Waits and opens the copies. On any thread, while no other uses the builder. A failure is
    /// what the next append() or finish() returns.
    void get_answers();
    /// Octets taken so far.
    [[nodiscard]] std::uint64_t size() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sluice::enqueue
